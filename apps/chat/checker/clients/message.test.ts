import { expect, test } from 'vitest'
import { bodyOf, cidOf, emojiOf, nameMessage, nameOf, nameReaction } from './message.ts'

const ids = Array.from({ length: 2000 }, (_, number) => nameMessage('ann-3', number))

test('a body identifies its message, respects the limits, and survives UTF-8', () => {
  for (const id of ids) {
    const body = bodyOf(id)
    expect(body.length).toBeLessThanOrEqual(4000)
    expect(Buffer.from(body).toString()).toBe(body)
    expect(nameOf({ kind: 'msg', data: { body } })).toBe(id)
  }
  expect(Math.max(...ids.map(id => bodyOf(id).length))).toBeGreaterThan(3900)
})

test('a body with one changed letter is not recognized', () => {
  const body = bodyOf(ids.find(id => bodyOf(id).length > 100)!)
  const at = body.length - 20
  const changed = `${body.slice(0, at)}X${body.slice(at + 1)}`
  expect(nameOf({ kind: 'msg', data: { body: changed } })).toMatch(/^<.+>$/)
  expect(nameOf({ kind: 'msg', data: { body: body.slice(0, -1) } })).toMatch(/^<.+>$/)
  expect(nameOf({ kind: 'msg', data: { body: 'hello' } })).toBe('<hello>')
  expect(nameOf({ kind: 'mod', data: {} })).toBe('<mod>')
})

test('a client id is valid in the protocol, and different for each message', () => {
  for (const id of ids) expect(cidOf(id)).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  expect(new Set(ids.map(cidOf)).size).toBe(ids.length)
})

test('an edit is named by its text, and a reaction by its message', () => {
  const id = nameMessage('ann', 7)
  expect(nameOf({ kind: 'edit', data: { seq: 3, body: bodyOf(id) } })).toBe(id)
  const reaction = { seq: 3, emoji: emojiOf(3), on: true }
  expect(nameOf({ kind: 'react', data: reaction })).toBe(nameReaction(3))
  for (const wrong of [{ emoji: emojiOf(4) }, { on: false }, { seq: 'x' }])
    expect(nameOf({ kind: 'react', data: { ...reaction, ...wrong } })).toMatch(/^<react .+>$/)
  expect(cidOf(nameReaction(3))).toMatch(/^[\w-]+$/)
})
