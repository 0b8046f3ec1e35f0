// The log of a room on the page, in a real Chromium: how messages are shown, and for how long.

import { inChromium, type Page } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { setScene } from './scene.ts'
import { act, bodies, isIn, line, say, write } from './visitors.ts'

inChromium(describe)('in the log of the page,', () => {
  const scene = setScene()

  it('links are shown in a browser without URL.parse', async () => {
    const ann = await scene.enter('Ann', { script: 'delete URL.parse' })
    await write(ann, 'see https://a.example/b')
    await line(ann, 'see').locator('a').waitFor()
    await say(ann, 'next')
    expect(await bodies(ann)).toEqual(['see https://a.example/b', 'next'])
  })

  it('a message that cannot be rendered does not hide the others', async () => {
    scene.expectFault(/no blockquote/)
    const script = `{
      const { createElement } = Document.prototype
      Document.prototype.createElement = function (name) {
        if (name === 'blockquote') throw new Error('no blockquote')
        return createElement.call(this, name)
      }
    }`
    const [ann, ben] = [await scene.enter('Ann', { script }), await scene.enter('Ben')]
    await say(ben, 'before')
    await write(ben, '> quote')
    await say(ben, 'after')
    await line(ann, 'after').waitFor()
    expect(await bodies(ann)).toEqual(['before', '> quote', 'after'])
    await say(ann, 'still here')
  })

  it('quotes follow edits and deletion of their message', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await say(ann, 'a secret')
    await act(ben, 'a secret', 'Reply')
    await say(ben, 'an answer')
    await ann.locator('.reply', { hasText: 'a secret' }).waitFor()
    await act(ann, 'a secret', 'Edit')
    await write(ann, 'edited')
    for (const page of [ann, ben]) await page.locator('.reply', { hasText: 'Ann edited' }).waitFor()
    await act(ann, 'edited', 'Delete')
    await ann.getByRole('button', { name: 'Delete', exact: true }).last().click()
    for (const page of [ann, ben]) await page.locator('.reply', { hasText: 'Ann Deleted' }).waitFor()
    expect(await ben.locator('#log').textContent()).not.toContain('edited')
  })

  it('a deleted message disappears from search results and announcements', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await say(ann, 'a secret word')
    await ben.locator('#announcer', { hasText: 'secret' }).waitFor({ state: 'attached' })
    await ben.getByLabel('Search messages').fill('word')
    await ben.keyboard.press('Enter')
    await ben.locator('.hit', { hasText: 'secret' }).waitFor()
    await act(ann, 'secret', 'Delete')
    await ann.getByRole('button', { name: 'Delete', exact: true }).last().click()
    await ben.locator('.deleted').waitFor({ state: 'attached' })
    expect(await ben.locator('main').textContent()).not.toContain('secret')
  })

  it('"Today" becomes "Yesterday" at midnight', async () => {
    const ann = await scene.enter('Ann', { time: new Date(new Date().setHours(23, 59, 40, 0)) })
    await say(ann, 'late')
    expect(await ann.locator('.rule.day').allInnerTexts()).toEqual(['Today'])
    await ann.clock.fastForward(22_000)
    await ann.locator('.rule.day', { hasText: 'Yesterday' }).waitFor()
  })

  it('a group of messages ends after ten', async () => {
    const ann = await scene.enter('Ann')
    await scene.fillLobby(25)
    await line(ann, 'number 25').waitFor()
    const leading = await ann.locator('.message.leads .body').allInnerTexts()
    expect(leading).toEqual(['number 1', 'number 11', 'number 21'])
  })

  it("times have the form of the reader's locale", async () => {
    const ann = await scene.enter('Ann', { locale: 'de-DE', timezoneId: 'Europe/Berlin' })
    const bea = await scene.enter('Bea', { locale: 'en-US', timezoneId: 'America/New_York' })
    await say(ann, 'hello')
    await line(bea, 'hello').waitFor()
    expect(await ann.locator('.message time').textContent()).toMatch(/^\d\d:\d\d$/)
    expect(await bea.locator('.message time').textContent()).toMatch(/^1?\d:\d\d\s[AP]M$/)
  })

  it('a message that is deleted before it was read is not counted', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await write(ann, '/join tea')
    await isIn(ann, 'tea')
    await say(ben, 'one @Ann')
    await say(ben, 'two')
    const badge = ann.locator('[data-room="lobby"] .badge')
    await badge.and(ann.locator('.mentioned')).filter({ hasText: '2' }).waitFor()
    await act(ben, 'one', 'Delete')
    await ben.getByRole('button', { name: 'Delete', exact: true }).last().click()
    await badge.and(ann.locator(':not(.mentioned)')).filter({ hasText: '1' }).waitFor()
  })

  it('reading a part on another device leaves the rest counted', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await say(ben, 'zero')
    await line(ann, 'zero').waitFor()
    await write(ann, '/join tea')
    await isIn(ann, 'tea')
    for (const text of ['one', 'two', 'three']) await say(ben, text)
    const badge = ann.locator('[data-room="lobby"] .badge')
    await badge.filter({ hasText: '3' }).waitFor()
    // Another window of Ann reads the second of three.
    const token = (await ann.evaluate("localStorage.getItem('chat.token')")) as string
    await scene.readAs(token, 'lobby', 3)
    await badge.filter({ hasText: '1' }).waitFor()
  })

  it('a message counts as read only while the window has the focus', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await say(ann, 'hello')
    await line(ben, 'hello').waitFor()
    await ann.evaluate('document.hasFocus = () => false; void dispatchEvent(new Event("blur"))')
    await say(ben, 'are you there?')
    await line(ann, 'are you there?').waitFor()
    await ann.locator('.rule.new').waitFor()
    expect(await ann.title()).toMatch(/^•/)
    await ann.evaluate('document.hasFocus = () => true; void dispatchEvent(new Event("focus"))')
    await expect.poll(() => ann.title()).not.toMatch(/^•/)
  })

  it('several messages are copied as names, times and texts', async () => {
    const ann = await scene.enter('Ann', { locale: 'de-DE' })
    await say(ann, 'one')
    await write(ann, 'two, changed')
    await line(ann, 'two').and(ann.locator('[data-seq]')).waitFor()
    await act(ann, 'two', 'Edit')
    await write(ann, 'two')
    await line(ann, 'edited').waitFor()
    const copied = (await ann.evaluate(`(() => {
      getSelection().selectAllChildren(document.querySelector('#lines'))
      return getSelection().toString()
    })()`)) as string
    const text = copied
      .replace(/\d\d:\d\d/g, 'TIME')
      .split('\n')
      .map(each => each.trim())
      .filter(each => each !== '')
    expect(text.slice(2)).toEqual(['Ann TIME', 'one', 'two edited'])
  })

  it('stacked diacritics stay within their message', async () => {
    const ann = await scene.enter('Ann', { viewport: { width: 1000, height: 700 } })
    const tower = `e${'\u0301\u0302\u0303\u0304'.repeat(40)}`
    await say(ann, 'above')
    await scene.speak(`tower ${tower}`)
    const body = ann.locator('.message .body', { hasText: 'tower' })
    await body.waitFor()
    const clips = await ann.evaluate(
      "[...document.querySelectorAll('.body')].map(node => getComputedStyle(node).overflowY)",
    )
    expect(clips).toEqual(['clip', 'clip'])
  })

  it('lines stay short enough to read on a wide screen', async () => {
    const ann = await scene.enter('Ann', { viewport: { width: 2200, height: 900 } })
    await say(ann, 'word '.repeat(300).trim())
    const { width } = (await ann.locator('.message .body').boundingBox())!
    expect(width).toBeLessThan(800)
  })

  it('only names of people in the room are marked as mentions, completely', async () => {
    const [ann, ben] = [await scene.enter('Ann Lee'), await scene.enter('Ben')]
    await ben.locator('#member-list', { hasText: 'Ann Lee' }).waitFor()
    await write(ben, '@Ann Lee, @here @nobody ben@ann.example https://a.example/@Ben `@Ben` @ben')
    await line(ann, 'nobody').waitFor()
    const mentions = (page: Page) => page.locator('.message[data-seq] .mention').allTextContents()
    expect([await mentions(ann), await mentions(ben)]).toEqual([
      ['@Ann Lee', '@ben'],
      ['@Ann Lee', '@ben'],
    ])
    expect(await ann.locator('.mention.mine').allTextContents()).toEqual(['@Ann Lee'])
  })
})
