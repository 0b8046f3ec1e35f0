// The size of the page, and its accessibility by axe in a real Chromium.

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { inChromium, type Page } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { PAGE, setScene } from './scene.ts'
import { act, box, isIn, line, write } from './visitors.ts'

it('the page with its script and its style sheet is smaller than 30 kB, compressed', () => {
  const files = readdirSync(PAGE, { recursive: true, encoding: 'utf8' }).filter(name => /\.\w+$/.test(name))
  const sizes = files.map(name => gzipSync(readFileSync(join(PAGE, name)), { level: 9 }).length)
  expect(sizes.length).toBe(3)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(30_000)
})

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

inChromium(describe)('seen by axe, the page', () => {
  const scene = setScene()
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')

  /** The violations that axe finds, in a few words each. */
  async function findFaults(page: Page): Promise<string[]> {
    await page.evaluate(source)
    const { violations } = (await page.evaluate('axe.run()')) as {
      violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[]
    }
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')} ${nodes[0]?.failureSummary}`,
    )
  }

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['in forced colours', { forcedColors: 'active' }],
    ['on a phone', { ...PHONE, colorScheme: 'light' }],
    ['on a dark phone', { ...PHONE, colorScheme: 'dark' }],
  ] as const)('has no faults in any state: %s', { timeout: 60_000 }, async (name, options) => {
    const page = await scene.visit({ ...options, reducedMotion: 'reduce', bypassCSP: true })
    const found: string[] = []
    const see = async (state: string) => {
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}-${state}.png` })
      found.push(...(await findFaults(page)).map(fault => `${state}: ${fault}`))
    }
    await showStates(page, await scene.enter('Ben'), see)
    expect(found).toEqual([])
  })
})

/** Leads a page through all of its states. `ben` is another user. */
async function showStates(page: Page, ben: Page, see: (state: string) => Promise<void>): Promise<void> {
  const isPhone = (await page.evaluate('innerWidth')) === PHONE.viewport.width
  const dialog = (name: string) => page.getByRole('dialog', { name })
  const openRooms = async () => {
    if (isPhone) await page.getByRole('button', { name: 'Rooms' }).tap()
  }
  await page.getByLabel('Your name').waitFor()
  await see('welcome')
  await page.getByRole('button', { name: 'I have an account' }).click()
  await see('account')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByLabel('Your name').fill('Ben')
  await page.keyboard.press('Enter')
  await page.locator('#nick-error', { hasText: 'taken' }).waitFor()
  await see('taken')
  await page.getByLabel('Your name').fill('Ann')
  await page.keyboard.press('Enter')
  await isIn(page, 'lobby')
  await see('empty')
  await write(page, 'hello `code`\n> quote\nhttps://a.example **bold**')
  await line(ben, 'hello').waitFor()
  await write(ben, '@Ann\n```\nfence\n```')
  await line(page, 'fence').waitFor()
  await act(ben, 'hello', 'React')
  await ben.getByRole('button', { name: 'React with 🎉' }).click()
  await page.locator('.chip').waitFor()
  await act(ben, 'hello', 'Reply')
  await write(ben, 'an answer')
  await line(page, 'an answer').waitFor()
  if (isPhone) {
    await line(page, 'hello')
      .first()
      .locator('.body')
      .tap({ position: { x: 10, y: 10 } })
    await dialog('Message').waitFor()
    await see('sheet')
    await page.getByRole('button', { name: 'Reply' }).tap()
  } else await act(page, 'hello', 'Reply')
  await write(page, '/nonsense')
  await box(page).fill('x'.repeat(4001))
  await see('reply, notice and counter')
  await box(page).fill('')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByLabel('Search messages').fill('hello')
  await page.keyboard.press('Enter')
  await page.locator('.hit').first().waitFor()
  await see('results')
  await page.locator('#close-results').click()
  await openRooms()
  await see('rooms')
  await page.getByRole('button', { name: 'Browse or create a room' }).click()
  await page.getByLabel('Room name').fill('tea party')
  await page.getByRole('button', { name: 'Create #tea-party' }).waitFor()
  await see('browsing')
  await page.keyboard.press('Enter')
  await isIn(page, 'tea-party')
  await write(page, '/slow 10m')
  await page.getByPlaceholder('slow mode').waitFor()
  await write(ben, '/join tea-party')
  await isIn(ben, 'tea-party')
  await write(ben, 'one')
  await line(page, 'one').waitFor()
  await write(page, '/help')
  await see('help')
  await page.keyboard.press('Escape')
  await write(page, '/leave')
  await page.getByText('You left #tea-party.').waitFor()
  await see('left')
  await openRooms()
  await page.locator('#me').click()
  await dialog('Ann').waitFor()
  await see('profile')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await dialog('Sign out').waitFor()
  await see('question')
}
