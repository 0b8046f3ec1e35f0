// The frames on the page against a capture of the same connection, made and decoded by tshark.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromiumPath, launchChromium } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Echo, startEcho } from '../src/echo.ts'
import { readCommand } from '../src/options.ts'

/** Why the test cannot run; undefined if it can. */
function findObstacle(): string | undefined {
  if (chromiumPath() === undefined) return 'no Chromium found; install it or set CHROMIUM'
  const found = spawnSync('tshark', ['-D'], { encoding: 'utf8' })
  if (found.error !== undefined) return 'no tshark found; apt-get install tshark'
  if (!/^\d+\. lo\b/m.test(found.stdout)) return 'tshark cannot capture on the loopback interface lo'
  return undefined
}

const obstacle = findObstacle()
if (obstacle !== undefined) console.warn(`the comparison with a capture: skipped: ${obstacle}`)

/** One frame, as both sides describe it. */
interface Described {
  readonly opcode: number
  readonly fin: boolean
  readonly masked: boolean
  readonly length: number
  readonly key: string
}

describe.skipIf(obstacle !== undefined)('the exported log, compared with a capture by tshark', () => {
  let echo: Echo
  let browser: Browser
  let folder: string
  beforeAll(async () => {
    const command = readCommand(['--port', '0'])
    if (command.kind !== 'run') throw new Error('not a command to run')
    echo = await startEcho(command.options)
    browser = await launchChromium()
    folder = mkdtempSync(join(tmpdir(), 'ws-echo-'))
  })
  afterAll(async () => {
    await browser.close()
    await echo.close()
    rmSync(folder, { recursive: true })
  })

  test('has the same frames in the same order, and the same handshake', { timeout: 60_000 }, async () => {
    const file = join(folder, 'capture.pcapng')
    const capture = spawn('tshark', ['-i', 'lo', '-f', `tcp port ${echo.port}`, '-w', file, '-q'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let log = ''
    capture.stderr.on('data', chunk => {
      log += chunk
    })
    const ended = once(capture, 'close')
    while (!log.includes('Capturing on')) await once(capture.stderr, 'data')
    const page = await browser.newPage()
    // The capture has begun when it has the page; the first connection is not compared.
    await page.goto(`http://localhost:${echo.port}/`)
    await page.locator('#state', { hasText: 'Open' }).waitFor()
    await until(() => read(file, '', ['frame.number']).length > 0)
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByLabel('Address', { exact: true }).fill('/subprotocol?compress=off')
    await page.getByLabel('Subprotocols').fill('chat')
    await page.keyboard.press('Enter')
    await page.locator('.row', { hasText: 'offered' }).waitFor()
    for (const text of ['Hello', 'x'.repeat(200), 'y'.repeat(70_000)]) {
      await page.getByLabel('Message', { exact: true }).fill(text)
      await page.keyboard.press('Enter')
      await page
        .locator('.row', { hasText: text.slice(0, 5) })
        .nth(1)
        .waitFor()
    }
    await page.getByRole('button', { name: 'Ping', exact: true }).click()
    await page.locator('.row', { hasText: 'pong' }).waitFor()
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.locator('#state', { hasText: 'Closed' }).waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export' }).click()
    const entries = JSON.parse(await readDownload(await (await download).path()))
    const handshake = entries.find((entry: Entry) => entry.request?.includes('subprotocol'))
    const stream = await until(() => {
      const uri = /^GET (\S+)/.exec(handshake.request)![1]
      return read(file, `http.request.uri == "${uri}"`, ['tcp.stream'])[0]?.[0]
    })
    const expected = entries
      .filter((entry: Entry) => entry.kind === 'frame' && entry.connection === handshake.connection)
      .map(ofPage)
    expect(expected.length).toBeGreaterThanOrEqual(11)
    const captured = await until(() => {
      const frames = read(file, `tcp.stream == ${stream} and websocket`, FIELDS).flatMap(ofCapture)
      return frames.length >= expected.length ? frames : undefined
    })
    expect(captured).toEqual(expected)
    // The request, which the server writes from what its parser has read, is that on the wire.
    const lines = read(file, `tcp.stream == ${stream} and http.request`, ['http.request.line'])[0]!
    const sent = handshake.request.split('\r\n').slice(1, -2)
    expect(lines[0]!.split(SEPARATOR).map(line => line.replace(/\\r\\n$|\r\n$/, ''))).toEqual(sent)
    capture.kill('SIGINT')
    await ended
  })
})

interface Entry {
  readonly kind: string
  readonly connection: number
  readonly request?: string
}

/** Between several values of a field. */
const SEPARATOR = '\u001f'

const FIELDS = [
  'websocket.opcode',
  'websocket.fin',
  'websocket.mask',
  'websocket.payload_length',
  'websocket.payload_length_ext_16',
  'websocket.payload_length_ext_64',
  'websocket.masking_key',
] as const

/** The values of fields in the packets of a capture. */
function read(file: string, filter: string, fields: readonly string[]): string[][] {
  const columns = fields.flatMap(field => ['-e', field])
  const options = [
    '-T',
    'fields',
    '-E',
    'separator=/t',
    '-E',
    `aggregator=${SEPARATOR}`,
    '-E',
    'occurrence=a',
  ]
  const { stdout } = spawnSync(
    'tshark',
    ['-r', file, ...(filter && ['-Y', filter]), ...options, ...columns],
    {
      encoding: 'utf8',
    },
  )
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split('\t'))
}

/** The frames of one packet. */
function ofCapture(values: readonly string[]): Described[] {
  const [opcodes, fins, masks, short, ext16, ext64, keys] = values.map(value =>
    value === '' ? [] : value.split(SEPARATOR),
  ) as [string[], string[], string[], string[], string[], string[], string[]]
  return opcodes.map((opcode, i) => {
    const marker = Number(short[i])
    const length = marker === 126 ? Number(ext16.shift()) : marker === 127 ? Number(ext64.shift()) : marker
    const masked = isTrue(masks[i])
    return { opcode: Number(opcode), fin: isTrue(fins[i]), masked, length, key: masked ? keys.shift()! : '' }
  })
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'True'
}

/** A frame of the exported log. */
function ofPage(entry: {
  opcode: number
  fin: boolean
  masked: boolean
  payloadLength: number
  hex: string
}): Described {
  const { opcode, fin, masked, payloadLength: length, hex } = entry
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const key = masked
    ? hex
        .split(' ')
        .slice(size, size + 4)
        .join('')
    : ''
  return { opcode, fin, masked, length, key }
}

async function readDownload(path: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile(path, 'utf8')
}

/** Asks until there is an answer: tshark writes its file when it likes. */
async function until<Value>(ask: () => Value | undefined | false): Promise<Value> {
  for (;;) {
    const answer = ask()
    if (answer !== undefined && answer !== false) return answer
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
