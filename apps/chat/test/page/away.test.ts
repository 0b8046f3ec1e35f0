// The page without its chat, in a real Chromium: waiting messages, catching up, status texts.

import { inChromium } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { setScene } from './scene.ts'
import { bodies, line, say, write } from './visitors.ts'

inChromium(describe)('a page that loses its chat', () => {
  const scene = setScene()

  it('keeps messages written without a connection, and sends them once and in order', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await say(ann, 'before')
    await scene.stopChat()
    await ann.locator('#status', { hasText: /Trying again/ }).waitFor()
    for (const text of ['one', 'two', 'three']) await write(ann, text)
    expect(await ann.locator('.pending.queued').count()).toBe(3)
    await ann.locator('#status', { hasText: '3 messages waiting to be sent.' }).waitFor()
    await scene.startChat()
    await line(ben, 'three').waitFor()
    await ann.locator('.pending').first().waitFor({ state: 'detached' })
    expect(await bodies(ben)).toEqual(['before', 'one', 'two', 'three'])
    expect(await bodies(ann)).toEqual(['before', 'one', 'two', 'three'])
    expect(await ann.locator('#status').textContent()).toBe('')
    const { entries } = await scene.engine.history('lobby', { limit: 100 })
    expect(entries).toHaveLength(4)
  })

  it('sends waiting messages after a reload', async () => {
    const ann = await scene.enter('Ann')
    // A browser without a network: it accepts bytes, and drops them.
    await ann.evaluate('void (WebSocket.prototype.send = () => undefined)')
    await write(ann, 'survives')
    await ann.locator('.pending.queued').waitFor()
    await ann.reload()
    await ann.locator('.message[data-seq]', { hasText: 'survives' }).waitFor()
    expect(await bodies(ann)).toEqual(['survives'])
    expect(await ann.evaluate("Object.keys(localStorage).filter(key => key.includes('outbox'))")).toEqual([])
  })

  it('continues without loss when the chat returns, and shows the status until then', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await say(ann, 'before')
    await scene.stopChat()
    await ben.locator('#status:not(:empty)').waitFor()
    await scene.fillLobby(150)
    await scene.startChat()
    await line(ben, 'number 150').waitFor()
    expect((await bodies(ben)).slice(-151)).toEqual([
      'before',
      ...Array.from({ length: 150 }, (_, i) => `number ${i + 1}`),
    ])
    await scene.replaceChat()
    await ben.locator('#nick-error, #notice', { hasText: /\w/ }).first().waitFor()
  })
})
