// Real peers over real sockets: `ws` both ways, Node's own WebSocket, Chromium.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { prepare, type Socket, WebSocketServer } from '@ws/server'
import { type Browser, inChromium, launchChromium, randomFrom } from '@ws/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket as Client, type RawData, WebSocketServer as WsServer } from 'ws'
import { permessageDeflate } from '../src/index.ts'
import type { DeflateOptions } from '../src/options.ts'
import { OwnClient } from './client.ts'

/** Texts of many sizes with new and repeated words. */
const TEXTS: readonly string[] = (() => {
  const random = randomFrom(7)
  const word = () => Math.floor(random() * 2 ** 40).toString(36)
  const words = Array.from({ length: 60 }, word)
  const text = (count: number) =>
    Array.from({ length: count }, () =>
      random() < 0.3 ? word() : `${words[Math.floor(random() * words.length)]} ä 😀`,
    ).join(' ')
  return [0, 1, 10, 100, 101, 200, 1000, 5000, 20_000, 3].map(text)
})()

let server: WebSocketServer | undefined
let port = 0

afterEach(async () => {
  await server?.close({ timeout: 1000 })
  server = undefined
})

/** An echo; every third message comes back prepared. */
async function listen(options: DeflateOptions): Promise<void> {
  let count = 0
  server = new WebSocketServer({
    extensions: [permessageDeflate({ threshold: 0, ...options })],
    open: socket => socket.subscribe('all'),
    message: (socket: Socket, data) => socket.send(count++ % 3 === 1 ? prepare(data) : data),
    http: (_request, response) => response.end('<!doctype html><title>page</title>'),
  })
  port = (await server.listen(0)).port
}

const SERVERS: [string, DeflateOptions][] = [
  ['the defaults', {}],
  ['context takeover', { contextTakeover: true, windowBits: 15 }],
  ['small windows', { contextTakeover: true, windowBits: 8, memLevel: 1, level: 1 }],
  [
    'context takeover for itself alone',
    { contextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 15, clientMaxWindowBits: 9 },
  ],
  [
    'context takeover for clients alone',
    { contextTakeover: true, serverNoContextTakeover: true, serverMaxWindowBits: 9, clientMaxWindowBits: 15 },
  ],
]

describe.each(SERVERS)('our server with %s', (_name, options) => {
  test.each([
    ['its defaults', true],
    ['no context takeover', { serverNoContextTakeover: true, clientNoContextTakeover: true }],
    ['small windows', { serverMaxWindowBits: 9, clientMaxWindowBits: 9, threshold: 0 }],
    ['a threshold of 0', { threshold: 0 }],
  ])('exchanges messages with ws as a client with %s', async (_client, perMessageDeflate) => {
    await listen(options)
    const client = new Client(`ws://127.0.0.1:${port}/`, { perMessageDeflate })
    await once(client, 'open')
    expect(client.extensions).toBe('permessage-deflate')
    const received: (string | Buffer)[] = []
    const all = new Promise<void>((resolve, reject) => {
      client.on('error', reject)
      client.on('message', (data: RawData, binary) => {
        received.push(binary ? (data as Buffer) : String(data))
        if (received.length === 2 * TEXTS.length) resolve()
      })
    })
    for (const text of TEXTS) {
      client.send(text)
      client.send(Buffer.from(text), { compress: text.length % 2 === 0 })
    }
    await all
    expect(received).toEqual(TEXTS.flatMap(text => [text, Buffer.from(text)]))
    client.close()
    await once(client, 'close')
  })

  test("exchanges messages with Node's WebSocket", async () => {
    await listen(options)
    const client = new WebSocket(`ws://127.0.0.1:${port}/`)
    await new Promise(resolve => client.addEventListener('open', resolve))
    const received: string[] = []
    const all = new Promise<void>((resolve, reject) => {
      client.addEventListener('close', reject)
      client.addEventListener('message', ({ data }) => {
        received.push(data)
        if (received.length === TEXTS.length) resolve()
      })
    })
    for (const text of TEXTS) client.send(text)
    await all
    expect(received).toEqual(TEXTS)
    expect(client.extensions).toContain('permessage-deflate')
    client.close()
  })
})

test('mixed peers get the same broadcasts between their own messages', async () => {
  await listen({ contextTakeover: true })
  const clients = await Promise.all(
    [true, { serverNoContextTakeover: true }, { serverMaxWindowBits: 10 }, false].map(
      async perMessageDeflate => {
        const client = new Client(`ws://127.0.0.1:${port}/`, { perMessageDeflate })
        const received: string[] = []
        client.on('message', data => received.push(String(data)))
        await once(client, 'open')
        return { client, received }
      },
    ),
  )
  const sent: string[] = []
  for (const [i, text] of TEXTS.entries()) {
    server!.publish('all', text)
    const own = `${text} ${i}`
    for (const socket of server!.sockets) socket.send(own)
    sent.push(text, own)
  }
  for (const { client, received } of clients) {
    while (received.length < sent.length) await once(client, 'message')
    expect(received).toEqual(sent)
    client.terminate()
  }
})

test.each<[string, DeflateOptions]>([
  ['the defaults', {}],
  ['context takeover', { contextTakeover: true, windowBits: 15, threshold: 0 }],
  ['small windows', { windowBits: 9, threshold: 0 }],
])('our client exchanges messages with ws as a server, with %s', async (_name, options) => {
  const ws = new WsServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 0 } })
  ws.on('connection', socket => socket.on('message', (data, binary) => socket.send(data, { binary })))
  await once(ws, 'listening')
  const client = await OwnClient.connect((ws.address() as AddressInfo).port, permessageDeflate(options))
  for (const text of TEXTS) client.send(text)
  await client.received(TEXTS.length)
  expect(client.messages).toEqual(TEXTS)
  client.transport.destroy()
  ws.close()
})

test('our client and our server exchange messages that are large enough for the thread pool', async () => {
  await listen({ contextTakeover: true })
  const client = await OwnClient.connect(port, permessageDeflate({ contextTakeover: true }))
  const large = Array.from({ length: 20 }, (_, i) =>
    TEXTS.join(' ')
      .slice(0, 70_000 + 1000 * i)
      .repeat(1 + (i % 3)),
  )
  for (const text of large) {
    client.send(text)
    client.send(text.slice(0, 50))
  }
  await client.received(2 * large.length)
  expect(client.messages).toEqual(large.flatMap(text => [text, text.slice(0, 50)]))
  client.transport.destroy()
})

inChromium(describe)('Chromium', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  test.each(SERVERS)('exchanges messages with our server with %s', async (_name, options) => {
    await listen(options)
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${port}/`)
    const result = await page.evaluate(
      async ([url, texts]) => {
        const socket = new WebSocket(url!)
        await new Promise(resolve => socket.addEventListener('open', resolve))
        const received: string[] = []
        const all = new Promise<void>((resolve, reject) => {
          socket.addEventListener('close', () => reject(new Error('closed')))
          socket.addEventListener('message', ({ data }) => {
            received.push(data)
            if (received.length === texts.length) resolve()
          })
        })
        for (const text of texts) socket.send(text)
        await all
        return { received, extensions: socket.extensions }
      },
      [`ws://127.0.0.1:${port}/`, TEXTS] as const,
    )
    expect(result.received).toEqual(TEXTS)
    expect(result.extensions).toContain('permessage-deflate')
    await page.close()
  })
})
