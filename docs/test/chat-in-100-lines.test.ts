// The chat of the guide: two windows of a real browser, names, rooms, history, and a server that restarts.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFence, inChromium, launchChromium, type RunningProgram, startReadme } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from './client.ts'
import { FOLDER } from './programs.ts'

const GUIDE = 'guides/chat-in-100-lines.md'
const text = readFileSync(join(FOLDER, GUIDE), 'utf8')
const page = findFence(text, 'html', 0)

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(FOLDER, '.program-'))
  writeFileSync(join(folder, 'page.html'), page)
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function start(port = '0'): Promise<RunningProgram & { readonly host: string }> {
  const ready = /^open http:\/\/(localhost:\d+)\/#lobby$/
  const program = await startReadme(folder, 0, ready, { document: join('..', GUIDE), args: [port] })
  return { ...program, host: program.match[1]! }
}

test('the server and the page have at most 100 lines', () => {
  expect((findFence(text, 'ts', 0) + page).trimEnd().split('\n').length).toBeLessThanOrEqual(100)
})

test('members of a room get its history, its names and its messages, and other rooms do not', async () => {
  await using program = await start()
  const join = (room: string, name: string) => Client.open(`ws://${program.host}/rooms/${room}?name=${name}`)
  const read = async (client: Client) => JSON.parse(String(await client.next()))
  await using ann = await join('lobby', 'Ann')
  expect(await read(ann)).toEqual({ type: 'names', names: ['Ann'] })
  ann.socket.send('hello')
  expect(await read(ann)).toMatchObject({ type: 'message', name: 'Ann', text: 'hello' })
  const bob = await join('lobby', 'Bob')
  expect(await read(bob)).toMatchObject({ text: 'hello' })
  for (const client of [ann, bob])
    expect(await read(client)).toEqual({ type: 'names', names: ['Ann', 'Bob'] })
  await using eve = await join('elsewhere', 'Bob')
  expect(await read(eve)).toEqual({ type: 'names', names: ['Bob'] })
  bob.socket.send(Uint8Array.of(1))
  expect(await bob.closed).toEqual({ code: 1003, reason: 'message is not text' })
  expect(await read(ann)).toEqual({ type: 'names', names: ['Ann'] })
})

test('a name that is taken or malformed is refused, and so is the page of another site', async () => {
  await using program = await start()
  const url = `ws://${program.host}/rooms/lobby`
  await using _ann = await Client.open(`${url}?name=Ann`)
  expect(await Client.status(`${url}?name=Ann`)).toBe(409)
  expect(await Client.status(`${url}?name=${encodeURIComponent('<b>')}`)).toBe(400)
  expect(await Client.status(`${url}?name=Eve`, [], { origin: 'http://elsewhere.example' })).toBe(403)
})

inChromium(describe)('in Chromium', () => {
  test('two windows talk, see HTML as text, and come back when the server has restarted', async () => {
    let program = await start()
    try {
      await using browser = await launchChromium()
      const open = async (name: string) => {
        const window = await browser.newPage()
        window.on('dialog', dialog => dialog.accept(name))
        await window.goto(`http://${program.host}/#lobby`)
        await window.locator('#status', { hasText: `Here: ` }).waitFor()
        return window
      }
      const [ann, bob] = [await open('Ann'), await open('Bob')]
      await ann.locator('#status', { hasText: 'Here: Ann, Bob' }).waitFor()
      await ann.locator('input').fill('<b>hello</b>')
      await ann.locator('input').press('Enter')
      for (const window of [ann, bob]) await window.locator('li', { hasText: 'Ann: <b>hello</b>' }).waitFor()
      expect(await ann.locator('input').inputValue()).toBe('')
      expect(await program.stop()).toMatchObject({ stderr: '', exitCode: 0 })
      await ann.locator('#status', { hasText: 'Not connected' }).waitFor()
      program = await start(program.host.split(':')[1])
      await ann
        .locator('#status', { hasText: 'Here: Ann, Bob' })
        .or(ann.getByText('Here: Bob, Ann'))
        .waitFor()
    } finally {
      await program.stop()
    }
  })
})
