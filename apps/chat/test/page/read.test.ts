// Reading on the page, in a real Chromium: old messages, unread ones, and search results.

import { inChromium } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { setScene } from './scene.ts'
import { bodies, isIn, line, say, write } from './visitors.ts'

/** The first line in view, and where it is, in pixels below the upper edge of the log. */
const PLACE = `(() => {
  const { top } = document.querySelector('#log').getBoundingClientRect()
  const first = [...document.querySelectorAll('[data-seq]')].find(node => node.getBoundingClientRect().bottom > top)
  return { seq: Number(first.dataset.seq), at: Math.round(first.getBoundingClientRect().top - top) }
})()`

/**
 * Scrolls up by 600 pixels. Returns the position of the line after the drawing; -1 if it is no
 * longer there.
 */
const SCROLL_UP = `seq => new Promise(resolve => {
  const log = document.querySelector('#log')
  log.scrollTop -= 600
  const look = () => {
    if (log.ariaBusy === 'true') return requestAnimationFrame(look)
    const node = document.querySelector('[data-seq="' + seq + '"]')
    resolve(node ? Math.round(node.getBoundingClientRect().top - log.getBoundingClientRect().top) : -1)
  }
  requestAnimationFrame(() => requestAnimationFrame(look)) // By then the page knows that it was scrolled.
})`

/**
 * From here on: the most lines that stood in the log at once, and the longest that nothing else
 * could happen, in milliseconds.
 */
const WATCH = `(() => {
  const lines = document.querySelector('#lines')
  window.watched = { most: 0, longest: 0 }
  new MutationObserver(() => {
    watched.most = Math.max(watched.most, lines.childElementCount)
  }).observe(lines, { childList: true })
  new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) watched.longest = Math.max(watched.longest, duration)
  }).observe({ type: 'longtask' })
})()`

/** Milliseconds that are acceptable on a busy machine. */
const LONG_TASK = 1000

inChromium(describe)('a reader of the page', () => {
  const scene = setScene()

  it('keeps the position while older and newer messages are added', async () => {
    await scene.fillLobby(1000)
    const ann = await scene.enter('Ann')
    await line(ann, 'number 1000').waitFor()
    const place = () => ann.evaluate(PLACE) as Promise<{ seq: number; at: number }>
    const jumps: number[] = []
    for (let i = 0; i < 400 && (await place()).seq > 1; i++) {
      const { seq, at } = await place()
      const moved = (await ann.evaluate(`(${SCROLL_UP})(${seq})`)) as number
      // Near the top there are less than 600 pixels left.
      const least = (await place()).seq > 1 ? 600 : 0
      const by = moved - at
      if (moved === -1 || by < least - 2 || by > 602) jumps.push(by)
    }
    expect(jumps).toEqual([])
    expect(await ann.locator('[data-seq]').count()).toBeLessThanOrEqual(500)
    const before = await place()
    await scene.speak('late')
    await ann.getByRole('button', { name: '1 new' }).waitFor()
    expect(await place()).toEqual(before)
    await ann.getByRole('button', { name: '1 new' }).click()
    await line(ann, 'late').waitFor()
    expect(await ann.getByRole('button', { name: 'Newest messages' }).isVisible()).toBe(false)
  })

  it('scrolls down again from the oldest to the newest', async () => {
    await scene.fillLobby(900)
    const ann = await scene.enter('Ann')
    await line(ann, 'number 900').waitFor()
    const scroll = (by: number) => ann.evaluate(`document.querySelector('#log').scrollBy(0, ${by})`)
    while ((await line(ann, /number 1$/).count()) === 0) await scroll(-100_000)
    while ((await line(ann, /number 900$/).count()) === 0) await scroll(100_000)
    expect(await ann.locator('[data-seq]').count()).toBeLessThanOrEqual(500)
  })

  it('sees what is new, in the room and in others', async () => {
    const [ann, ben] = [await scene.enter('Ann Lee'), await scene.enter('Ben')]
    await say(ann, 'hello')
    await write(ann, '/join tea')
    await isIn(ann, 'tea')
    await say(ben, 'hello @Ann Lee')
    await say(ben, 'another')
    const room = ann.locator('[data-room="lobby"]')
    await room.locator('.badge.mentioned', { hasText: '2' }).waitFor()
    await ann
      .locator('#announcer', { hasText: 'Ben in lobby: hello @Ann Lee' })
      .waitFor({ state: 'attached' })
    await room.click()
    await isIn(ann, 'lobby')
    expect(await ann.locator('#announcer').textContent()).not.toContain('another')
    const next = ann.locator('.rule.new + .message')
    expect(await next.textContent()).toContain('hello @Ann Lee')
    expect(await ann.locator('.mention.mine').textContent()).toBe('@Ann Lee')
    expect(await room.locator('.badge').count()).toBe(0)
  })

  it('searches, and opens a result', async () => {
    await scene.fillLobby(599)
    await scene.speak('**number** 600')
    const ann = await scene.enter('Ann')
    await line(ann, 'number 600').waitFor()
    await ann.getByLabel('Search messages').fill('number 600')
    await ann.keyboard.press('Enter')
    await ann.locator('.hit .snippet', { hasText: /^number 600$/ }).waitFor()
    await ann.getByLabel('Search messages').fill('number 77')
    await ann.keyboard.press('Enter')
    await ann.locator('.hit', { hasText: /number 77$/ }).click()
    await line(ann, /number 77$/).waitFor()
    expect(await ann.evaluate('document.activeElement.innerText')).toMatch(/number 77$/)
    await ann.getByRole('button', { name: 'Newest messages' }).click()
    await line(ann, 'number 600').waitFor()
  })

  it('follows new messages and new members', async () => {
    const ann = await scene.enter('Ann')
    await ann.evaluate(WATCH)
    await scene.fillLobby(10_000)
    await line(ann, 'number 10000').waitFor()
    const { most, longest } = (await ann.evaluate('window.watched')) as { most: number; longest: number }
    expect(most).toBeLessThan(600)
    expect(longest).toBeLessThan(LONG_TASK)
    expect((await bodies(ann)).slice(-3)).toEqual(['number 9998', 'number 9999', 'number 10000'])
    await say(ann, 'still here')
    const crowd = Array.from({ length: 200 }, (_, i) => ({ id: `${i}`, nick: `Nick ${i}` }))
    await scene.engine.presence.here('lobby', crowd)
    scene.engine.signal('lobby', { t: 'presence' })
    await ann.getByRole('heading', { name: 'In this room · 201' }).waitFor()
    await ann.getByText('Too many people to list.').waitFor()
    await scene.engine.presence.gone('lobby', ['0'])
    scene.engine.signal('lobby', { t: 'presence' })
    await ann.getByRole('heading', { name: 'In this room · 200' }).waitFor()
    expect(await ann.locator('#member-list .nick').count()).toBe(200)
  })
})
