// The README's second program, a server, with the tutorial's page in Chromium, with Node's
// WebSocket, and with bytes that no browser sends.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createRequest, formatRequest, ResponseParser, validateResponse } from '@ws/handshake'
import {
  type Browser,
  concat,
  hex,
  inChromium,
  launchChromium,
  type Page,
  type RunningProgram,
  segmentations,
  startReadme,
  utf8,
} from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DecodedFrame, decodeFrames, encodeFrame, Opcode, writeClosePayload } from '../src/index.ts'

const SECONDS = 1000
const handshake = createRequest({ host: 'localhost', origin: 'null' })
const TEXTS = ['fünf!', 'x'.repeat(200), '€'.repeat(70_000)]

let program: RunningProgram
let url: string
beforeAll(async () => {
  program = await startReadme(new URL('..', import.meta.url), 1, /^listening on .*port: (\d+)/, {
    args: ['0'],
  })
  url = `ws://localhost:${program.match[1]}`
}, 20 * SECONDS)

// The server wrote nothing to standard error and was still running.
afterAll(async () => {
  const { stderr, signal } = await program.stop()
  expect({ stderr, signal }).toEqual({ stderr: '', signal: 'SIGTERM' })
})

inChromium(describe)("the tutorial's page in Chromium", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  }, 30 * SECONDS)
  afterAll(() => browser.close())

  async function openPage(): Promise<Page> {
    const page = await browser.newPage()
    const file = new URL('tutorial.html', import.meta.url)
    file.searchParams.set('url', url)
    await page.goto(file.href)
    await page.locator('li').first().waitFor()
    return page
  }

  test(
    'sends hello on open, then 5, 200 and 70,000 characters, and shows what comes',
    async () => {
      const page = await openPage()
      expect(await page.evaluate('origin')).toBe('null')
      for (const text of TEXTS) await page.evaluate(`socket.send(${JSON.stringify(text)})`)
      await page.locator('li').nth(TEXTS.length).waitFor()
      expect(await page.locator('li').allTextContents()).toEqual(['hello', ...TEXTS])
      await page.evaluate('socket.close(1000, "done")')
      await page.locator('li', { hasText: 'closed' }).waitFor()
      expect(await page.locator('li').last().textContent()).toBe('closed: 1000, clean')
      await page.close()
    },
    20 * SECONDS,
  )

  test(
    'is served beside others, each getting its own',
    async () => {
      const pages = await Promise.all(
        ['a', 'b', 'c', 'd'].map(async name => ({ name, page: await openPage() })),
      )
      const seen = pages.map(async ({ name, page }) => {
        const texts = TEXTS.map(text => name + text)
        for (const text of texts) await page.evaluate(`socket.send(${JSON.stringify(text)})`)
        await page.locator('li').nth(texts.length).waitFor()
        expect(await page.locator('li').allTextContents(), name).toEqual(['hello', ...texts])
      })
      await Promise.all(seen)
      await Promise.all(pages.map(({ page }) => page.close()))
    },
    30 * SECONDS,
  )
})

describe("Node's own WebSocket", () => {
  test.each([...TEXTS.map(text => [`${text.length} characters`, text]), ['nothing', '']])(
    'gets %s back',
    async (_, text) => {
      const socket = new WebSocket(url)
      await once(socket, 'open')
      socket.send(text!)
      expect(await nextData(socket)).toBe(text)
      socket.close(4000, 'done')
      const [close] = (await once(socket, 'close')) as unknown[]
      expect(close).toMatchObject({ code: 4000, reason: 'done', wasClean: true })
    },
  )

  test('gets bytes back', async () => {
    const socket = new WebSocket(url)
    socket.binaryType = 'arraybuffer'
    await once(socket, 'open')
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251)
    socket.send(bytes)
    expect(Buffer.from((await nextData(socket)) as ArrayBuffer).equals(bytes)).toBe(true)
    socket.close()
    await once(socket, 'close')
  })
})

describe('bytes on a socket', () => {
  const text = encode(Opcode.text, utf8('Hello'))
  const close = encode(Opcode.close, writeClosePayload(1000, 'bye'))
  const farewell = { opcode: Opcode.close, payload: writeClosePayload(1000, 'bye') }

  test('frames in the packet of the request are answered, and bytes after a Close are dropped', async () => {
    const answers = await exchange(concat(request(), text, text, close, text, hex('ff ff')))
    expect(answers).toMatchObject([hello(), hello(), farewell])
    expect(answers).toHaveLength(3)
  })

  test('packets can be cut anywhere', async () => {
    const stream = concat(request(), text, encode(Opcode.ping, utf8('p')), close)
    for (const { name, segments } of segmentations(stream, [1])) {
      const answers = await exchange(...segments)
      expect(joinText(answers), name).toBe('Hello')
      expect(answers.filter(frame => frame.opcode !== Opcode.text && frame.opcode !== 0)).toMatchObject([
        { opcode: Opcode.pong, payload: utf8('p') },
        farewell,
      ])
    }
  })

  test('a ping in the middle of a fragmented message is answered at once', async () => {
    const fragments = [
      encode(Opcode.text, utf8('Hel'), false),
      encode(Opcode.ping, utf8('still there?')),
      encode(Opcode.pong, utf8('not asked for')),
      encode(Opcode.continuation, utf8('lo')),
    ]
    expect(await exchange(concat(request(), ...fragments, close))).toMatchObject([
      { opcode: Opcode.text, fin: false, payload: utf8('Hel') },
      { opcode: Opcode.pong, fin: true, payload: utf8('still there?') },
      { opcode: Opcode.continuation, fin: true, payload: utf8('lo') },
      farewell,
    ])
  })

  test.each([
    ['an unmasked frame', hex('81 05 48656c6c6f'), 1002, 'unmasked frame from a client (RFC 6455 §5.1)'],
    [
      'a reserved bit',
      hex('c1 80 00000000'),
      1002,
      'reserved bit RSV1 set without an extension (RFC 6455 §5.2)',
    ],
    ['a length of 2^62', hex('82 ff 4000000000000000'), 1009, 'payload longer than 2^53 − 1 bytes'],
    ['a close code that must not travel', encode(8, hex('03ed')), 1002, 'close code 1005 must not be sent'],
    ['a close reason that is not UTF-8', encode(8, hex('03e8 ff')), 1007, 'close reason is not UTF-8'],
  ])('%s is closed with its code', async (_, bytes, code, reason) => {
    const answers = await exchange(concat(request(), text, bytes, text))
    expect(answers).toMatchObject([hello(), { opcode: Opcode.close }])
    const { payload } = answers[1]!
    expect((payload[0]! << 8) | payload[1]!).toBe(code)
    expect(new TextDecoder().decode(payload.subarray(2))).toContain(reason)
  })

  test.each([
    ['no WebSocket', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 426],
    ['another version', formatted().replace('Version: 13', 'Version: 8'), 426],
    ['no key', formatted().replace(/Sec-WebSocket-Key: .*\r\n/, ''), 400],
    ['no HTTP', '\x16\x03\x01\x02\x00\x01\r\n\r\n', 400],
    ['a head without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, 431],
  ])('%s is rejected, and the connection ended', async (_, head, status) => {
    const socket = await open()
    socket.write(head)
    const parsed = new ResponseParser().push(await readAll(socket))
    expect(parsed).toMatchObject({ ok: true, head: { status } })
  })

  test('the server survives a client that disconnects in the middle of a frame', async () => {
    for (const leave of [
      (socket: Socket) => socket.resetAndDestroy(),
      (socket: Socket) => socket.destroy(),
    ]) {
      const socket = await open()
      socket.write(concat(request(), text.subarray(0, 8)))
      await once(socket, 'data')
      leave(socket)
      await once(socket, 'close')
    }
    expect(await exchange(concat(request(), text, close))).toMatchObject([hello(), farewell])
  })

  test('a client that sends much before it reads gets all of its messages', async () => {
    const payload = new Uint8Array(4_000_000).fill(0x61)
    const socket = await open()
    const sent = concat(request(), encode(Opcode.binary, payload), close)
    await new Promise(resolve => socket.write(sent.subarray(0, 1_000_000), resolve))
    socket.write(sent.subarray(1_000_000))
    const answers = readAnswers(await readAll(socket))
    const returned = concat(...answers.slice(0, -1).map(frame => frame.payload))
    expect(Buffer.from(returned).equals(payload)).toBe(true)
    expect(answers.at(-1)).toMatchObject(farewell)
  })
})

function hello(): Partial<DecodedFrame> {
  return { opcode: Opcode.text, fin: true, payload: utf8('Hello') }
}

function encode(opcode: number, payload: Uint8Array, fin = true): Uint8Array<ArrayBuffer> {
  return encodeFrame({ opcode, payload, fin, maskingKey: 0x37fa213d })
}

function formatted(): string {
  return formatRequest(handshake)
}

function request(): Uint8Array {
  return utf8(formatted())
}

async function open(): Promise<Socket> {
  const socket = connect({ host: 'localhost', port: Number(new URL(url).port) })
  await once(socket, 'connect')
  return socket.setNoDelay()
}

/** All bytes that the server sends until it ends the connection. */
async function readAll(socket: Socket): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'end')
  socket.destroy()
  return concat(...chunks)
}

/** The frames that the server sends after the handshake. */
function readAnswers(bytes: Uint8Array): DecodedFrame[] {
  const parsed = new ResponseParser().push(bytes)
  if (!parsed?.ok) throw new Error(parsed?.error ?? 'no response')
  expect(validateResponse(parsed.head, handshake)).toMatchObject({ ok: true })
  const { frames, rest } = decodeFrames('client', parsed.rest)
  expect(rest).toHaveLength(0)
  return frames
}

/** Sends these chunks and returns the frames received until the server ends the connection. */
async function exchange(...segments: readonly Uint8Array[]): Promise<DecodedFrame[]> {
  const socket = await open()
  for (const segment of segments) socket.write(segment)
  return readAnswers(await readAll(socket))
}

/** The text of all data frames. */
function joinText(frames: readonly DecodedFrame[]): string {
  const data = frames.filter(({ opcode }) => opcode === Opcode.text || opcode === Opcode.continuation)
  return new TextDecoder().decode(concat(...data.map(({ payload }) => payload)))
}

async function nextData(socket: WebSocket): Promise<unknown> {
  const [event] = (await once(socket, 'message')) as [MessageEvent]
  return event.data
}
