// The page of the chat in Chromium: how much is downloaded, and how long it takes to open a room of
// 3,200 messages, from the start of the navigation until its newest 100 messages are drawn. The
// chat has one core, and the browser the other.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Browser, launchChromium } from '@ws/testing'
import { Child } from '@ws/testing/child'
import { chooseCores, describeCommit, describeMachine } from '@ws/testing/machine'
import { formatMarkdown } from '@ws/testing/table'
import { startScript } from './lib/compare.ts'
import { formatNumber } from './lib/number.ts'
import { resultsFolder } from './lib/results.ts'

const APP = join(import.meta.dirname, '../..', 'apps', 'chat')
const PAGE = join(APP, 'dist', 'page')
const MESSAGES = 3200
/** Messages that the page shows when it opens a room. */
const SHOWN = 100
/**
 * Messages that a connection sends: with its hello and its join below the 40 frames that it may
 * send at once.
 */
const AT_ONCE = 35

/**
 * Runs in the page, before its own scripts: the time at which the newest messages have been drawn.
 */
const WATCH = `new MutationObserver((_, observer) => {
  if (document.querySelectorAll('.message[data-seq]').length < ${SHOWN}) return
  observer.disconnect()
  requestAnimationFrame(() => setTimeout(() => { window.drawn = performance.now() }))
}).observe(document, { childList: true, subtree: true })`

const settings = startScript()
if (!existsSync(PAGE)) throw new Error('the page is not built: pnpm --filter @ws/chat run page')

const limits = ['--rate', '10000:10000', '--address-rate', '100000:100000', '--account-rate', '1000:1000']
const options = ['--port', '0', '--log', 'json', '--memory', ...limits]
const main = join(APP, 'src', 'main.ts')
await using chat = new Child('the chat', chooseCores().server, [process.execPath, main, ...options])
const port = await readPort(chat)
await fillLobby(port)
await using browser = await launchChromium()
const times = await measure(browser, port, settings.quick ? 3 : 15)
const table = [
  ['the page', ''],
  ['size, compressed', `${formatNumber(sizeOf(PAGE) / 1000)} kB`],
  [`time to open a room of ${formatNumber(MESSAGES)} messages, p50`, `${Math.round(middleOf(times))} ms`],
  ['slowest', `${Math.round(Math.max(...times))} ms`],
] as const
const { cpu, cores, system } = describeMachine()
const machine = `${times.length} loads. ${cpu}, ${cores} cores, ${system}, Chromium ${browser.version()}, commit ${describeCommit()}.`
const section = `${formatMarkdown(table)}\n\n${machine}`
const file = join(resultsFolder(settings.quick), 'chat-page.md')
writeFileSync(file, `${section}\n`)
console.log(`${section}\n${file}`)

async function readPort(started: Child): Promise<number> {
  for (;;) {
    const line = JSON.parse(await started.next())
    if (line.event === 'listening') return line.port
  }
}

/** Guests send all messages, each no more than a connection may send at once. */
async function fillLobby(on: number): Promise<void> {
  for (let first = 0; first < MESSAGES; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, MESSAGES - first)
    const bodies = Array.from(
      { length: count },
      (_, i) => `message ${first + i} about **tea**: https://tea.example`,
    )
    await speak(on, `Speaker ${first}`, bodies)
  }
}

/** Rejects where the chat refuses a request. */
async function speak(on: number, nick: string, bodies: readonly string[]): Promise<void> {
  const socket = new WebSocket(`ws://localhost:${on}/`, 'chat.v1.json')
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const requests = [
    { t: 'hello', v: 1, nick },
    { t: 'join', room: 'lobby' },
    ...bodies.map((body, i) => ({ t: 'send', room: 'lobby', cid: `bench-${i}`, body })),
  ]
  const ask = (id: number) => socket.send(JSON.stringify({ id, ...requests[id] }))
  socket.addEventListener('open', () => ask(0))
  socket.addEventListener('close', ({ code, reason }) => reject(new Error(`closed: ${code} ${reason}`)))
  socket.addEventListener('message', ({ data }) => {
    const { t, id, msg } = JSON.parse(String(data))
    if (t === 'err') reject(new Error(`the chat refused a request: ${msg}`))
    else if (t === 'ok' && id + 1 < requests.length) ask(id + 1)
    else if (t === 'ok') resolve()
  })
  await promise
  socket.close()
}

/** Milliseconds until the newest messages were drawn, for each load. */
async function measure(chromium: Browser, on: number, loads: number): Promise<number[]> {
  const page = await chromium.newPage({ bypassCSP: true })
  await page.addInitScript(WATCH)
  await page.goto(`http://localhost:${on}/`)
  await page.getByLabel('Your name').fill('Reader')
  await page.keyboard.press('Enter')
  await page.waitForFunction('window.drawn')
  const found: number[] = []
  for (let i = 0; i < loads; i++) {
    await page.reload()
    await page.waitForFunction('window.drawn')
    found.push(Number(await page.evaluate('window.drawn')))
  }
  return found
}

/** Bytes of all files of a folder, each compressed. */
function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(each => each.isFile())
  return files.reduce((sum, each) => sum + gzipSync(readFileSync(join(each.parentPath, each.name))).length, 0)
}

function middleOf(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)]!
}
