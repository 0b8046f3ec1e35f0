// The implementations that are compared: ours and `ws` in memory as servers; ours in memory, `ws` and Node's own WebSocket over a
// socket as clients. All are given the same bytes and then the end of the transport.

import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { computeAccept } from '@ws/handshake'
import { checkLimits, Protocol } from '@ws/protocol'
import { concat, headLength, utf8 } from '@ws/testing'
import { WebSocket as NpmWebSocket, type RawData, WebSocketServer } from 'ws'
import { Chance, cut, seedOf } from '../../tools/fuzz/chance.ts'
import type { Reader } from '../../tools/fuzz/reading.ts'
import { nameMessage, type Record, recordOf } from './record.ts'

/** The largest message that ours and `ws` accept; Node's has no such option. */
const MAX_MESSAGE_SIZE = 200

/** Ours, in the role of the reader, with the bytes cut at random. */
export function runOurs(role: Reader, bytes: Uint8Array): Record {
  const messages: string[] = []
  let wasClean = false
  const protocol = new Protocol(
    role,
    { message: data => messages.push(nameMessage(data)), close: report => (wasClean = report.wasClean) },
    { limits: checkLimits({ maxMessageSize: MAX_MESSAGE_SIZE }) },
  )
  for (const segment of cut(new Chance(seedOf(bytes)), bytes)) protocol.receive(segment)
  protocol.receiveEnd()
  return recordOf(role, messages, wasClean, protocol.takeOutput())
}

/** The server of `ws`, behind a handshake that it makes itself. */
export async function runNpmServer(bytes: Uint8Array): Promise<Record> {
  const [near, far] = duplexPair()
  const written: Uint8Array[] = []
  far.on('data', (chunk: Buffer) => written.push(chunk))
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_SIZE,
    perMessageDeflate: false,
  })
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method: 'GET',
    headers: {
      upgrade: 'websocket',
      connection: 'upgrade',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
    },
  })
  const { promise, resolve } = Promise.withResolvers<NpmWebSocket>()
  server.handleUpgrade(request, near, Buffer.alloc(0), resolve)
  const listened = listenToNpm(await promise)
  const ended = once(far, 'close')
  far.write(bytes)
  // In memory it has read all and answered after a few turns; an end that comes before its answer is written would take it away.
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  far.end()
  const { messages, wasClean } = await listened
  await ended
  const all = concat(...written)
  return recordOf('server', messages, wasClean, [all.subarray(headLength(all))])
}

interface Listened {
  readonly messages: readonly string[]
  readonly wasClean: boolean
}

async function listenToNpm(socket: NpmWebSocket): Promise<Listened> {
  const messages: string[] = []
  socket.on('message', (data: RawData, isBinary: boolean) => {
    const bytes = new Uint8Array(data as Buffer)
    messages.push(
      isBinary
        ? nameMessage(bytes)
        : nameMessage(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)),
    )
  })
  socket.on('error', () => undefined)
  // Not `once`, which an error would reject.
  const code = await new Promise<number>(resolve => socket.on('close', resolve))
  return { messages, wasClean: code !== 1006 }
}

/** A server that knows nothing but the handshake: it writes the same bytes to each client, and the end. */
export class Speaker {
  readonly #server: Server
  #bytes: Uint8Array = new Uint8Array(0)
  #written = Promise.withResolvers<Uint8Array>()

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true }, socket => {
      const chunks: Uint8Array[] = []
      let answered = false
      socket.on('error', () => undefined)
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        const request = concat(...chunks)
        if (answered || headLength(request) === 0) return
        answered = true
        const key = /sec-websocket-key: *(\S+)/i.exec(Buffer.from(request).toString('latin1'))![1]!
        socket.end(concat(utf8(response(key)), this.#bytes))
      })
      socket.on('close', () => {
        const all = concat(...chunks)
        this.#written.resolve(all.subarray(headLength(all)))
      })
      socket.on('end', () => socket.end())
    })
  }

  static async start(): Promise<Speaker> {
    const speaker = new Speaker()
    speaker.#server.listen(0, '127.0.0.1')
    await once(speaker.#server, 'listening')
    return speaker
  }

  /** The client of `ws`. */
  async runNpmClient(bytes: Uint8Array): Promise<Record> {
    const url = this.#say(bytes)
    const client = new NpmWebSocket(url, { maxPayload: MAX_MESSAGE_SIZE, perMessageDeflate: false })
    return this.#finish(await listenToNpm(client))
  }

  /** The client that Node has. */
  async runNodeClient(bytes: Uint8Array): Promise<Record> {
    const client = new WebSocket(this.#say(bytes))
    client.binaryType = 'arraybuffer'
    const messages: string[] = []
    client.addEventListener('message', ({ data }: { data: unknown }) => {
      messages.push(nameMessage(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer)))
    })
    client.addEventListener('error', () => undefined)
    const [event] = (await once(client, 'close')) as [{ wasClean: boolean }]
    return this.#finish({ messages, wasClean: event.wasClean })
  }

  #say(bytes: Uint8Array): string {
    this.#bytes = bytes
    this.#written = Promise.withResolvers()
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async #finish({ messages, wasClean }: Listened): Promise<Record> {
    return recordOf('client', messages, wasClean, [await this.#written.promise])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function response(key: string): string {
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${computeAccept(key)}\r\n\r\n`
}
