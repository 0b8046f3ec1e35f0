// The page under a finger, in a real Chromium: nothing hovers, taps come as touch events, and the
// keyboard covers half of the screen.

import { inChromium, type Page } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { setScene } from './scene.ts'
import { bodies, box, isIn, line, say, write } from './visitors.ts'

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const

async function tap(page: Page, selector: string): Promise<void> {
  const { x, y, width, height } = (await page.locator(selector).first().boundingBox())!
  await page.touchscreen.tap(x + width / 2, y + height / 2)
}

/** Taps the text of a message, where no other message covers it. */
async function tapLine(page: Page, text: string): Promise<void> {
  const { x, y, height } = (await line(page, text).last().locator('.body').boundingBox())!
  await page.touchscreen.tap(x + 10, y + height / 2)
}

const sheet = (page: Page) => page.getByRole('dialog', { name: 'Message', exact: true })
const focused = (page: Page) => page.evaluate('document.activeElement.id')

async function choose(page: Page, text: string, action: string): Promise<void> {
  await tapLine(page, text)
  const { x, y, width, height } = (await sheet(page)
    .getByRole('button', { name: action, exact: true })
    .boundingBox())!
  await page.touchscreen.tap(x + width / 2, y + height / 2)
  await sheet(page).waitFor({ state: 'hidden' })
}

inChromium(describe)('on a phone,', () => {
  const scene = setScene()

  it('a tap on a message opens a sheet to react, reply, copy, edit and delete', async () => {
    const ann = await scene.enter('Ann', { ...PHONE, permissions: ['clipboard-read', 'clipboard-write'] })
    const ben = await scene.enter('Ben')
    await write(ann, 'first **words**')
    await line(ann, 'first words').and(ann.locator('[data-seq]')).waitFor()
    await say(ben, 'second')
    await line(ann, 'second').waitFor()
    await choose(ann, 'second', 'React with 🎉')
    await ben.locator('.chip', { hasText: '🎉' }).waitFor()
    await choose(ann, 'second', 'Reply')
    expect(await focused(ann)).toBe('text')
    await say(ann, 'an answer')
    await ben.locator('.reply', { hasText: 'Ben second' }).waitFor()
    await choose(ann, 'first', 'Copy')
    expect(await ann.evaluate('navigator.clipboard.readText()')).toBe('first **words**')
    await choose(ann, 'first', 'Edit')
    expect(await box(ann).inputValue()).toBe('first **words**')
    await write(ann, 'edited')
    await line(ben, 'edited').waitFor()
    await choose(ann, 'an answer', 'Delete')
    await ann
      .getByRole('dialog', { name: 'Delete this message?' })
      .getByRole('button', { name: 'Delete' })
      .tap()
    await ben.locator('.deleted').waitFor()
    await tapLine(ann, 'second')
    await sheet(ann).waitFor()
    expect(await sheet(ann).getByRole('button', { name: 'Edit' }).count()).toBe(0)
  })

  it('a message can be copied without TLS, when the browser has no clipboard for the page', async () => {
    const script = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
    const ann = await scene.enter('Ann', { ...PHONE, script })
    await say(ann, 'copy me')
    await choose(ann, 'copy me', 'Copy')
    await box(ann).focus()
    await ann.keyboard.press('Control+V')
    expect(await box(ann).inputValue()).toBe('copy me')
  })

  it('a long press opens the sheet, and a tap outside closes it', async () => {
    const ann = await scene.enter('Ann', PHONE)
    await say(ann, 'hello')
    await line(ann, 'hello')
      .locator('.body')
      .dispatchEvent('pointerdown', { pointerType: 'touch', bubbles: true })
    await line(ann, 'hello')
      .locator('.body')
      .dispatchEvent('contextmenu', { bubbles: true, cancelable: true })
    await sheet(ann).waitFor()
    await ann.touchscreen.tap(195, 100)
    await sheet(ann).waitFor({ state: 'hidden' })
  })

  it('a link, a reaction and a quote can be tapped without opening the sheet', async () => {
    const ann = await scene.enter('Ann', PHONE)
    await say(ann, 'hello')
    await choose(ann, 'hello', 'React with 👍')
    await tap(ann, '.chip')
    await ann.locator('.chip').waitFor({ state: 'detached' })
    expect(await sheet(ann).isVisible()).toBe(false)
    await choose(ann, 'hello', 'Reply')
    await say(ann, `see ${new URL('/healthz', ann.url())}`)
    const opened = ann.context().waitForEvent('page')
    await tap(ann, '.message a[href]')
    expect((await opened).url()).toMatch(/healthz$/)
    expect(await sheet(ann).isVisible()).toBe(false)
    await tap(ann, '.reply')
    await expect.poll(() => ann.evaluate('document.activeElement.innerText')).toMatch(/hello/)
    expect(await sheet(ann).isVisible()).toBe(false)
  })

  it('Send leaves the focus in the text, so that the keyboard stays', async () => {
    const ann = await scene.enter('Ann', PHONE)
    await tap(ann, '#text')
    await box(ann).pressSequentially('one')
    await tap(ann, '#composer .primary')
    await line(ann, 'one').waitFor()
    expect(await focused(ann)).toBe('text')
    expect(await bodies(ann)).toEqual(['one'])
  })

  it('a tap beside a drawer closes it', async () => {
    const ann = await scene.enter('Ann', PHONE)
    await tap(ann, '[data-open="rooms"]')
    await ann.locator('#rooms').waitFor()
    await ann.touchscreen.tap(375, 400)
    await ann.locator('#rooms').waitFor({ state: 'hidden' })
    await tap(ann, '[data-open="members"]')
    await ann.locator('#members').waitFor()
    await ann.touchscreen.tap(10, 400)
    await ann.locator('#members').waitFor({ state: 'hidden' })
    await isIn(ann, 'lobby')
  })
})
