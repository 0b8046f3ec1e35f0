// What the page weighs, and what axe says of it in a real Chromium.

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { inChromium, type Page } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { PAGE, setScene } from './scene.ts'
import { act, box, isIn, line, write } from './visitors.ts'

it('the page with its script and its style sheet has less than 30 kB, compressed', () => {
  const files = readdirSync(PAGE, { recursive: true, encoding: 'utf8' }).filter(name => /\.\w+$/.test(name))
  const sizes = files.map(name => gzipSync(readFileSync(join(PAGE, name)), { level: 9 }).length)
  expect(sizes.length).toBe(3)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(30_000)
})

inChromium(describe)('seen by axe', () => {
  const scene = setScene()
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')

  /** What is serious, in a few words each. */
  async function findFaults(page: Page): Promise<string[]> {
    await page.evaluate(source)
    const violations = (await page.evaluate('axe.run()')) as {
      violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[]
    }
    return violations.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')} ${nodes[0]?.failureSummary}`)
  }

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['in forced colours', { forcedColors: 'active' }],
    ['on a phone', { viewport: { width: 390, height: 800 }, hasTouch: true }],
  ] as const)('has nothing serious: %s', async (name, options) => {
    const page = await scene.visit({ ...options, reducedMotion: 'reduce', bypassCSP: true })
    await page.getByLabel('Your name').waitFor()
    expect(await findFaults(page)).toEqual([])
    await page.getByLabel('Your name').fill('Ann')
    await page.keyboard.press('Enter')
    await isIn(page, 'lobby')
    const ben = await scene.enter('Ben')
    await write(page, 'hello `code`\n> quote\nhttps://a.example')
    await line(ben, 'hello').waitFor()
    await write(ben, '@Ann\n```\nfence\n```')
    await line(page, 'fence').waitFor()
    await act(ben, 'hello', 'React')
    await ben.getByRole('button', { name: 'React with 🎉' }).click()
    await page.locator('.chip').waitFor()
    await act(page, 'hello', 'Reply')
    await write(page, '/nonsense')
    expect(await findFaults(page)).toEqual([])
    await box(page).fill('')
    await page.getByLabel('Search messages').fill('hello')
    await page.keyboard.press('Enter')
    await page.locator('.hit').first().waitFor()
    if (name === 'on a phone') await page.getByRole('button', { name: 'Rooms' }).click()
    expect(await findFaults(page)).toEqual([])
  })
})
