// The first server, with its page: two windows of a real browser, and two clients without one.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFence, inChromium, launchChromium, type RunningProgram, startReadme } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from './client.ts'
import { FOLDER } from './programs.ts'

const GUIDE = 'guides/first-server.md'

let folder: string
let program: RunningProgram
let host: string

beforeAll(async () => {
  folder = mkdtempSync(join(FOLDER, '.program-'))
  writeFileSync(join(folder, 'page.html'), findFence(readFileSync(join(FOLDER, GUIDE), 'utf8'), 'html', 0))
  const document = join('..', GUIDE)
  program = await startReadme(folder, 0, /^open http:\/\/(localhost:\d+)$/, { document, args: ['0'] })
  host = program.match[1]!
})

// The last test stops it, and says how; a second time does nothing.
afterAll(async () => {
  await program.stop()
  rmSync(folder, { recursive: true })
})

test("clients receive each other's messages", async () => {
  await using ann = await Client.open(`ws://${host}/room?name=Ann`)
  expect(await ann.next()).toBe('Ann joined')
  const bob = await Client.open(`ws://${host}/room?name=Bob`)
  expect(await ann.next()).toBe('Bob joined')
  expect(await ann.ask('hello')).toBe('Ann: hello')
  expect(await bob.next()).toBe('Bob joined')
  expect(await bob.next()).toBe('Ann: hello')
  bob.socket.send(Uint8Array.of(1))
  expect(await bob.closed).toEqual({ code: 1003, reason: 'message is not text' })
  expect(await ann.next()).toBe('Bob left')
})

test('a request without a name, for another path, or from a page of another site is refused', async () => {
  expect(await Client.status(`ws://${host}/room`)).toBe(400)
  expect(await Client.status(`ws://${host}/`)).toBe(404)
  const origin = 'http://elsewhere.example'
  expect(await Client.status(`ws://${host}/room?name=Eve`, [], { origin })).toBe(403)
})

inChromium(describe)('in Chromium', () => {
  test('both windows show the messages of either, until the server closes', async () => {
    await using browser = await launchChromium()
    const open = async (name: string) => {
      const page = await browser.newPage()
      page.on('dialog', dialog => dialog.accept(name))
      await page.goto(`http://${host}/`)
      await page.locator('li', { hasText: `${name} joined` }).waitFor()
      return page
    }
    const [ann, bob] = [await open('Ann'), await open('Bob')]
    await ann.locator('input').fill('hello, Bob')
    await ann.locator('input').press('Enter')
    for (const page of [ann, bob]) await page.locator('li', { hasText: 'Ann: hello, Bob' }).waitFor()
    expect(await ann.locator('input').inputValue()).toBe('')
    expect(await program.stop()).toMatchObject({ stderr: '', exitCode: 0 })
    for (const page of [ann, bob]) await page.locator('li', { hasText: 'Closed: 1001' }).waitFor()
  })
})
