// Texts from right to left, and characters that turn the direction of a text, in a real Chromium:
// none reaches beyond its element.

import { inChromium, type Page } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { setScene } from './scene.ts'
import { act, box, isIn, line, say, write } from './visitors.ts'

/** All characters that change the direction of the text around them. */
const CONTROLS = '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069'

/** As old chats may have stored it: the server has let it pass. */
const turning = (word: string) => `${word} ${CONTROLS}\u202e\u2067שלום`

/**
 * Texts with Hebrew in them, or a character that turns direction, that are not isolated from the
 * texts beside them.
 */
const findLeaks = (page: Page) =>
  page.evaluate(`(() => {
    const leaks = []
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (nodes.nextNode()) {
      const { data, parentElement } = nodes.currentNode
      if (/[\\u202a-\\u202e\\u2066-\\u2069]/.test(data)) leaks.push('control in ' + data)
      const isolates = parentElement.closest('bdi, [dir=auto], pre, h1, .room .name')
      if (/[\\u0590-\\u05ff]/.test(data) && isolates === null && !parentElement.closest('.hidden, .avatar'))
        leaks.push('not isolated: ' + data)
    }
    for (const each of document.querySelectorAll('[title], [label]')) {
      const text = each.title || each.label
      if (/[\\u202a-\\u202e\\u2066\\u2067]/.test(text)) leaks.push('control in attribute ' + text)
      if (/[\\u0590-\\u05ff]/.test(text) && !/\\u2068.*\\u2069/.test(text)) leaks.push('attribute ' + text)
    }
    return leaks
  })()`) as Promise<string[]>

/** The left edges of the parts of a line, in order. */
const lefts = async (page: Page, selectors: readonly string[]) =>
  Promise.all(selectors.map(async each => (await page.locator(each).last().boundingBox())!.x))

inChromium(describe)('a text with direction controls', () => {
  const scene = setScene()

  it('does not affect other elements: names, messages, quotes, reactions, topics, reasons, notices, results', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('בן')]
    await write(ann, '/join tea')
    await isIn(ann, 'tea')
    const by = { user: { id: 'old', nick: turning('Old') } }
    const publish = scene.engine.publish.bind(scene.engine)
    await publish(
      'tea',
      { kind: 'topic', data: { topic: turning('topic') }, cid: 'a', ...by },
      { patch: { topic: turning('topic') } },
    )
    await publish('tea', { kind: 'msg', data: { body: turning('message') }, cid: 'b', ...by })
    await publish('tea', { kind: 'msg', data: { body: turning('waves'), as: 'me' }, cid: 'c', ...by })
    await publish('tea', { kind: 'react', data: { seq: 3, emoji: 'ש', on: true }, cid: 'd', ...by })
    const whom = { id: 'x', nick: turning('Whom') }
    for (const op of ['kick', 'ban', 'unban', 'mute'] as const)
      await publish('tea', { kind: 'mod', data: { op, user: whom, why: turning('why') }, cid: op, ...by })
    await line(ann, 'waves').waitFor()
    await write(ben, '/join tea')
    await isIn(ben, 'tea')
    await box(ben).pressSequentially('שלום')
    await ann.getByText('typing…').waitFor()
    expect(await findLeaks(ann)).toEqual([])
    await write(ben, 'שלום **שלום** `שלום` [שלום](https://a.example)\n> שלום\n```\nשלום\n```')
    await line(ann, 'שלום').last().locator('pre').waitFor()
    await act(ann, 'waves', 'Reply')
    await ann.locator('#context-words', { hasText: 'Old' }).waitFor()
    await say(ann, 'an answer')
    await ann.locator('.reply', { hasText: 'waves' }).waitFor()
    await ann.getByLabel('Search messages').fill('שלום')
    await ann.keyboard.press('Enter')
    await ann.locator('.hit').first().waitFor()
    expect(await findLeaks(ann)).toEqual([])
    expect(await ann.locator('#topic').textContent()).toContain('topic')
    await ann.getByRole('button', { name: 'Close' }).last().click()
    await write(ann, `/kick "בן" ${turning('why')}`)
    await isIn(ben, 'lobby')
    await ben.getByRole('alert').getByText('removed from tea: why').waitFor()
    expect(await findLeaks(ben)).toEqual([])
  })

  it('does not change the order of the surrounding text', async () => {
    const ann = await scene.enter('Ann')
    const user = { id: 'old', nick: 'בן' }
    const topic = turning('')
    await scene.engine.publish(
      'lobby',
      { kind: 'topic', data: { topic }, cid: 'a', user },
      { patch: { topic } },
    )
    await ann.locator('.event time').waitFor()
    const [nick, words, time] = await lefts(ann, ['.event .nick', '.event p > bdi:not(.nick)', '.event time'])
    expect(nick).toBeLessThan(words!)
    expect(words).toBeLessThan(time!)
  })
})
