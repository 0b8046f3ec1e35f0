// Conversations on the page, in a real Chromium.

import { inChromium } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { setScene } from './scene.ts'
import { act, bodies, box, isIn, line, say, write } from './visitors.ts'

inChromium(describe)('on the page, people', () => {
  const scene = setScene()

  it('asks for a name, and shows why one is refused', async () => {
    const ann = await scene.enter('Ann')
    const other = await scene.visit()
    await other.getByLabel('Your name').fill('ANN')
    await other.keyboard.press('Enter')
    await other.locator('#nick-error', { hasText: /\w/ }).waitFor()
    await other.getByLabel('Your name').fill('Ben')
    await other.keyboard.press('Enter')
    await isIn(other, 'lobby')
    await ann.locator('#member-list', { hasText: 'Ben' }).waitFor()
    expect(await ann.locator('#me').textContent()).toContain('Ann')
  })

  it('lets two people exchange messages', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await write(ann, 'hello **Ben**')
    await line(ben, 'hello Ben').waitFor()
    expect(await ben.locator('.message strong').textContent()).toBe('Ben')
    await box(ben).pressSequentially('hi')
    await ann.getByText('Ben is typing…').waitFor()
    await box(ben).press('Enter')
    await line(ann, 'hi').waitFor()
    expect(await bodies(ann)).toEqual(['hello Ben', 'hi'])
    expect(await ann.getByText('Ben is typing…').count()).toBe(0)
  })

  it('edits, answers, reacts and deletes', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await write(ann, '**frist**')
    await line(ann, 'frist').and(ann.locator('[data-seq]')).waitFor()
    await box(ann).press('ArrowUp')
    await box(ann).fill('**first**\n> quoted')
    await box(ann).press('Enter')
    await line(ben, /first\s*quoted\s*edited/).waitFor()
    await act(ben, 'first', 'Reply')
    await say(ben, 'an answer')
    await ann.locator('.reply', { hasText: 'Ann first quoted' }).waitFor()
    await act(ben, 'first', 'React')
    await ben.getByRole('button', { name: 'React with 👍' }).click()
    const chip = ann.locator('.chip')
    await chip.waitFor()
    expect(await chip.getAttribute('aria-pressed')).toBe('false')
    await chip.click()
    await ben.locator('.chip', { hasText: '2' }).waitFor()
    await act(ann, 'first', 'Delete')
    await ann.getByRole('button', { name: 'Delete', exact: true }).last().click()
    await ben.locator('.deleted').waitFor()
    expect(await ben.locator('.chip').count()).toBe(0)
    expect(await ann.locator('.message:has(.deleted) .mark').count()).toBe(0)
    expect(await bodies(ben)).toEqual(['an answer'])
  })

  it('shows errors of commands and of refused messages', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await write(ann, '/kick')
    await ann.getByRole('alert').getByText('Usage: /kick NAME [why]').waitFor()
    expect(await box(ann).inputValue()).toBe('/kick')
    await write(ann, '/join tea')
    await isIn(ann, 'tea')
    await write(ben, '/join tea')
    await isIn(ben, 'tea')
    await write(ann, '/lock')
    await ben.getByPlaceholder('This room is locked').waitFor()
    await write(ben, 'may I?')
    const failed = ben.locator('.pending.failed')
    await failed.getByText(/Couldn't send: .*locked/i).waitFor()
    await write(ann, '/lock off')
    await ben.getByPlaceholder('Write to #tea').waitFor()
    await failed.getByRole('button', { name: 'Try again' }).click()
    await line(ann, 'may I?').waitFor()
    expect(await bodies(ben)).toEqual(['may I?'])
    await write(ann, '/kick Ben be kind')
    await isIn(ben, 'lobby')
    await ben.getByRole('alert').getByText('removed from tea: be kind').waitFor()
  })

  it('can be used by keyboard alone', async () => {
    const ann = await scene.visit()
    const { keyboard } = ann
    await ann.getByRole('dialog', { name: 'Welcome' }).waitFor()
    await keyboard.type('Ann')
    await keyboard.press('Enter')
    await isIn(ann, 'lobby')
    await ann.locator('#welcome').waitFor({ state: 'hidden' })
    await box(ann).focus()
    await keyboard.type('first')
    await keyboard.press('Shift+Enter')
    await keyboard.type('line')
    await box(ann).dispatchEvent('keydown', { key: 'Enter', isComposing: true })
    expect(await ann.locator('.message').count()).toBe(0)
    await keyboard.press('Enter')
    await ann.locator('.message[data-seq]').waitFor()
    await ann.locator('#log').focus()
    await keyboard.press('ArrowUp')
    await keyboard.press('Tab')
    expect(await ann.evaluate('document.activeElement.ariaLabel')).toBe('Reply')
    await keyboard.press('Tab')
    await keyboard.press('Enter')
    await keyboard.press('Enter')
    await ann.locator('.chip').waitFor()
    await keyboard.press('Escape')
    expect(await ann.evaluate('document.activeElement.id')).toBe('text')
    await keyboard.press('ArrowUp')
    expect(await box(ann).inputValue()).toBe('first\nline')
    await keyboard.press('Escape')
    expect(await box(ann).inputValue()).toBe('')
  })

  it('executes nothing in messages, and shows hidden characters', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben<b>')]
    const hostile = [
      '<img src=x onerror="alert(1)"><script>alert(1)</script>',
      '[x](javascript:alert(1)) javascript:alert(1)',
      'safe \u202egnp.exe',
      '**[a](https://a.example/")onclick="alert(1))**',
      '```\n<svg onload=alert(1)>\n```',
    ]
    for (const text of hostile) {
      await write(ben, text)
      await ben.locator('.pending').first().waitFor({ state: 'detached' })
    }
    await write(ben, '/topic <i>topic</i>')
    await ann.locator('#topic', { hasText: '<i>topic</i>' }).waitFor()
    expect((await bodies(ann))[0]).toBe(hostile[0])
    expect(await ann.locator('.body :is(img, script, svg, b, i)').count()).toBe(0)
    expect(await ann.locator('.body a[href^="javascript"]').count()).toBe(0)
    expect((await bodies(ann))[2]).toBe('safe \ufffdgnp.exe')
    for (const link of await ann.locator('.body a').all()) {
      expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow')
      expect(await link.getAttribute('href')).toMatch(/^https:/)
    }
  })
})
