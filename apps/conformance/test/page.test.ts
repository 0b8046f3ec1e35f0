import { inChromium, launchChromium, type Page } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { createCaseReport } from '../src/report/case-report.ts'
import { renderPage } from '../src/report/page.ts'
import type { CaseResult } from '../src/result.ts'
import { createResult } from './results.ts'

const FAILED = {
  behavior: 'FAILED',
  behaviorClose: 'WRONG CODE',
  resultClose: 'wrong code: </script>',
} as const

const reportsOf = (agent: string, ...results: CaseResult[]) =>
  results.map(result => createCaseReport(result, agent))

async function withPage(colorScheme: 'light' | 'dark', use: (page: Page) => Promise<void>): Promise<void> {
  await using browser = await launchChromium()
  const page = await browser.newPage({ colorScheme })
  const errors: Error[] = []
  page.on('pageerror', error => void errors.push(error))
  await page.setContent(
    renderPage([
      ...reportsOf('one', createResult('1.1.1'), createResult('3.1', FAILED)),
      ...reportsOf('two', createResult('1.1.1'), createResult('6.4.1', { behavior: 'NON-STRICT' })),
    ]),
  )
  await use(page)
  expect(errors).toEqual([])
}

inChromium(describe)('the page of a report', () => {
  test('compares implementations, and shows only what is not OK if asked', () =>
    withPage('light', async page => {
      expect(await page.locator('#totals tbody th').allTextContents()).toEqual(['one', 'two'])
      expect(await page.locator('#cases .id').allTextContents()).toEqual(['1.1.1', '3.1', '6.4.1'])
      await page.getByLabel('Only cases that are not OK').check()
      expect(await page.locator('#cases .id').allTextContents()).toEqual(['3.1', '6.4.1'])
    }))

  test('finds cases by id, title and section', () =>
    withPage('light', async page => {
      await page.getByLabel('Search').fill('reserved bits')
      expect(await page.locator('#cases .id').allTextContents()).toEqual(['3.1'])
    }))

  test('shows what was on the wire, and texts of a peer as texts', () =>
    withPage('dark', async page => {
      await page.getByRole('button', { name: 'FAILED' }).click()
      const view = await page.getByRole('dialog').textContent()
      expect(view).toContain('text, 5 octets, mask 01020304: Hello')
      expect(view).toContain('wrong code: </script>')
    }))

  test('is dark for those who prefer that', () =>
    withPage('dark', async page => {
      const color = await page.locator('body').evaluate('getComputedStyle(document.body).backgroundColor')
      expect(color).toBe('rgb(21, 24, 29)')
    }))
})
