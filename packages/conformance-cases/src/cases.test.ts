import { expect, test } from 'vitest'
import { type ExchangeCase, isHandshake } from './case.ts'
import { cases } from './cases.ts'
import { compareIds } from './compare-ids.ts'

const exchanges = cases.filter((each): each is ExchangeCase => !isHandshake(each))
const numbered = exchanges.filter(({ id }) => /^\d/.test(id))

test('there are 517 numbered cases, in the order of their ids', () => {
  expect(numbered).toHaveLength(517)
  expect(numbered[0]!.id).toBe('1.1.1')
  expect(numbered.at(-1)!.id).toBe('13.7.18')
  const ids = cases.map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted(compareIds))
})

test('ids are unique, and every case has a title, a requirement and a section', () => {
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
  for (const { id, title, requirement, rfc } of cases) {
    expect(title, id).toMatch(/^[A-Z0-9]/)
    expect(requirement, id).toMatch(/\.$/)
    expect(rfc, id).toMatch(/^\d{4}(-\d+(\.\d+)*(,\d+(\.\d+)*)*)?(;\d{4}(-[\d.,]+)?)*$/)
  }
})

test('titles are unique within a group, so that a report can be read without the ids', () => {
  const titles = cases.map(({ group, title }) => `${group}: ${title}`)
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([])
})

test('verdicts and echoes refer to sequences and steps that exist', () => {
  for (const { id, expect: sequences, verdicts, send, check } of exchanges) {
    for (const index of [...verdicts.ok, ...verdicts.nonStrict]) expect(sequences[index], id).toBeDefined()
    const echoes = sequences.flat().flatMap(event => {
      if ('message' in event) return 'echo' in event.message ? event.message.echo : []
      return 'pong' in event ? event.pong.echo : []
    })
    for (const step of echoes) expect(send[step], id).toBeDefined()
    if (check === 'events' && !verdicts.informational) expect(verdicts.ok, id).not.toEqual([])
  }
})

test('every case ends by itself: it closes, or a timer does', () => {
  for (const { id, send } of exchanges) {
    expect(
      send.some(step => 'kill' in step || 'closeAfter' in step),
      id,
    ).toBe(true)
  }
})

test('the rest of a fragmented message is in its last frame, which may be empty', () => {
  for (const { id, send } of exchanges) {
    for (const step of send) {
      if (!('fragments' in step)) continue
      const { payload, size, frames, lastBytes } = step.fragments
      const bytes = 'bytes' in payload ? payload.bytes : 0
      expect((frames - 1) * size + lastBytes, id).toBe(bytes)
    }
  }
})

test('cases are plain data: JSON keeps them', () => {
  expect(JSON.parse(JSON.stringify(cases))).toEqual(cases)
})
