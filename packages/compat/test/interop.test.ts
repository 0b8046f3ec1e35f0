// Each pairing of a client and a server, of `ws` and of this stack, under each compression setting.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from '@ws/client'
import { permessageDeflate } from '@ws/deflate'
import { WebSocketServer as NativeServer } from '@ws/server'
import { randomBytes, randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import * as original from 'ws'
import type { PerMessageDeflateOptions } from '../src/index.ts'
import * as compat from '../src/index.ts'

type Compression = PerMessageDeflateOptions | false
type Message = string | Buffer

interface Server {
  readonly url: string
  /** The code and the reason of the close of the one connection. */
  readonly closed: Promise<[code: number, reason: string]>
  stop(): Promise<void>
}

interface Client {
  readonly extensions: string
  send(message: Message): void
  receive(count: number): Promise<Message[]>
  close(code: number, reason: string): void
}

interface Implementation {
  /** Starts a server that echoes. */
  serve(compression: Compression): Promise<Server>
  connect(url: string, compression: Compression): Promise<Client>
}

const MESSAGES = 16
/** Around the ends of the three forms of a frame's length, and of the default `threshold`. */
const LENGTHS = [0, 1, 125, 126, 127, 1023, 1024, 5000, 65_535, 65_536]

const implementations: Record<string, Implementation> = {
  ws: likeWs(original as unknown as typeof compat),
  '@ws/compat': likeWs(compat),
  native: { serve: serveNatively, connect: connectNatively },
}
const pairings = Object.keys(implementations).flatMap(client =>
  Object.keys(implementations).map(server => ({ client, server })),
)

const settings: { name: string; server: Compression; client: Compression }[] = [
  { name: 'no compression', server: false, client: false },
  { name: 'compression of the server only', server: {}, client: false },
  { name: 'compression of the client only', server: false, client: {} },
  { name: 'the defaults of compression', server: {}, client: {} },
  { name: 'a threshold of 0', server: { threshold: 0 }, client: { threshold: 0 } },
  { name: 'no context takeover by the server', server: { serverNoContextTakeover: true }, client: {} },
  { name: 'no context takeover by the client', server: { clientNoContextTakeover: true }, client: {} },
  {
    name: 'no context takeover',
    server: { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
    client: { threshold: 0 },
  },
  {
    name: 'a client that requests no context takeover',
    server: {},
    client: { serverNoContextTakeover: true, clientNoContextTakeover: true },
  },
  { name: 'a server window of 9 bits', server: { serverMaxWindowBits: 9 }, client: {} },
  { name: 'a client window of 9 bits', server: { clientMaxWindowBits: 9 }, client: {} },
  {
    name: 'both windows of 10 bits',
    server: { serverMaxWindowBits: 10, clientMaxWindowBits: 10 },
    client: { threshold: 0 },
  },
  {
    name: 'a client that requests a server window of 9 bits',
    server: {},
    client: { serverMaxWindowBits: 9 },
  },
  { name: 'a client that limits its window to 11 bits', server: {}, client: { clientMaxWindowBits: 11 } },
  {
    name: 'level 9, memory level 1 and no takeover in windows of 9 bits',
    server: {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 9,
      zlibDeflateOptions: { level: 9, memLevel: 1 },
    },
    client: { zlibDeflateOptions: { level: 9, memLevel: 1 } },
  },
]

describe.each(pairings)('a client of $client and a server of $server', ({ client, server }) => {
  const seed = pairings.findIndex(pairing => pairing.client === client && pairing.server === server)

  test.each(settings)('exchange random messages with $name', async setting => {
    const random = randomFrom(1000 * seed + settings.indexOf(setting))
    const messages = Array.from({ length: MESSAGES }, () => randomMessage(random))
    const running = await implementations[server]!.serve(setting.server)
    const socket = await implementations[client]!.connect(running.url, setting.client)
    const isCompressed = setting.server !== false && setting.client !== false
    expect(socket.extensions).toBe(isCompressed ? 'permessage-deflate' : '')
    for (const message of messages) socket.send(message)
    expect(await socket.receive(MESSAGES)).toEqual(messages)
    socket.close(4000, 'done')
    expect(await running.closed).toEqual([4000, 'done'])
    await running.stop()
  })
})

function randomMessage(random: () => number): Message {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const length = pick(LENGTHS)
  if (random() < 0.3) return Buffer.from(randomBytes(random, length))
  const text = `${pick(['{"key":"value"},', 'é', '€uro ', '😀', 'lorem ipsum dolor '])}`.repeat(length)
  // A cut may not separate the halves of a surrogate pair.
  const cut = text.slice(0, length).toWellFormed()
  return random() < 0.5 ? cut : Buffer.from(cut)
}

function likeWs({ WebSocket, WebSocketServer }: typeof compat): Implementation {
  return {
    async serve(perMessageDeflate) {
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
      await once(server, 'listening')
      const closed = new Promise<[number, string]>(resolve => {
        server.on('connection', socket => {
          socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }))
          socket.on('close', (code, reason) => resolve([code, String(reason)]))
        })
      })
      const { port } = server.address() as AddressInfo
      return {
        url: `ws://127.0.0.1:${port}`,
        closed,
        async stop() {
          const stopped = once(server, 'close')
          server.close()
          await stopped
        },
      }
    },
    async connect(url, perMessageDeflate) {
      const socket = new WebSocket(url, { perMessageDeflate })
      const inbox = new Inbox()
      socket.on('message', (data, isBinary) => inbox.push(isBinary ? (data as Buffer) : String(data)))
      await once(socket, 'open')
      return {
        extensions: socket.extensions,
        send: message => socket.send(message),
        receive: count => inbox.take(count),
        close: (code, reason) => socket.close(code, reason),
      }
    },
  }
}

async function serveNatively(compression: Compression): Promise<Server> {
  let close: (result: [number, string]) => void
  const closed = new Promise<[number, string]>(resolve => {
    close = resolve
  })
  const server = new NativeServer({
    extensions: extensionsOf(compression),
    message: (socket, data) => {
      socket.send(data)
    },
    close: (_socket, { code, reason }) => close([code, reason]),
  })
  const { url } = await server.listen(0)
  return {
    url,
    closed,
    async stop() {
      await server.close()
    },
  }
}

async function connectNatively(url: string, compression: Compression): Promise<Client> {
  const inbox = new Inbox()
  const socket = await connect(url, {
    extensions: extensionsOf(compression),
    message: (_socket, data) => inbox.push(typeof data === 'string' ? data : Buffer.from(data)),
  })
  return {
    extensions: socket.extensions.split(';')[0]!,
    send: message => void socket.send(message),
    receive: count => inbox.take(count),
    close: (code, reason) => socket.close(code, reason),
  }
}

/** The native form of the same setting. */
function extensionsOf(compression: Compression): ReturnType<typeof permessageDeflate>[] {
  if (compression === false) return []
  const { zlibDeflateOptions = {}, threshold = 1024 } = compression
  return [
    permessageDeflate({
      serverNoContextTakeover: compression.serverNoContextTakeover ?? false,
      clientNoContextTakeover: compression.clientNoContextTakeover ?? false,
      serverMaxWindowBits: compression.serverMaxWindowBits ?? 15,
      clientMaxWindowBits: compression.clientMaxWindowBits ?? 15,
      threshold,
      ...(zlibDeflateOptions.level !== undefined && { level: zlibDeflateOptions.level }),
      ...(zlibDeflateOptions.memLevel !== undefined && { memLevel: zlibDeflateOptions.memLevel }),
    }),
  ]
}

class Inbox {
  readonly #messages: Message[] = []
  #wake: (() => void) | undefined

  push(message: Message): void {
    this.#messages.push(message)
    this.#wake?.()
  }

  async take(count: number): Promise<Message[]> {
    while (this.#messages.length < count) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    return this.#messages.splice(0, count)
  }
}
