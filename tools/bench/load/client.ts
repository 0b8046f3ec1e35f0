// A client that is cheaper than any server: one TCP connection, one buffer to read into for all, frames that were encoded before. It
// decodes nothing; what it is told to expect must come to the byte.

import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'
import { encodeFrame, Opcode } from '@ws/frame'
import { upgradeRequest } from '@ws/testing'

/** Told how many bytes have come, and where they are for as long as it takes. */
export type Receive = (length: number, bytes: Buffer) => void

const READ_SIZE = 1024 * 1024
const END_OF_HEAD = '\r\n\r\n'
const MASKING_KEY = 0x37fa213d
const REQUEST = Buffer.from(upgradeRequest(), 'latin1')
const COMPRESSED_REQUEST = Buffer.from(
  upgradeRequest('/', { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }),
  'latin1',
)
/** What proves that the request was understood (RFC 6455 §1.3: the request has the key of the example there). */
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** Everybody reads into this. */
const shared = Buffer.allocUnsafe(READ_SIZE)

/** A connection to a server under load. */
export class Client {
  readonly #socket: Socket
  receive: Receive = () => {}
  /** What is to come next, as far as it has not. */
  #expected: Uint8Array | undefined
  #head = ''
  #opened: ((error?: Error) => void) | undefined
  #left = false

  private constructor(port: number, compressed: boolean, opened: (error?: Error) => void) {
    this.#opened = opened
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: shared, callback: length => this.#take(length) },
    })
    this.#socket.on('error', error => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('the server closed a connection')))
    this.#socket.write(compressed ? COMPRESSED_REQUEST : REQUEST)
  }

  /** Connects and shakes hands, with an offer to compress if that is wanted. Rejects with what the server said if it said no. */
  static open(port: number, compressed = false): Promise<Client> {
    return new Promise((resolve, reject) => {
      const client: Client = new Client(port, compressed, error =>
        error === undefined ? resolve(client) : reject(error),
      )
    })
  }

  /** Sends bytes that will not change. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Reads nothing more, so that the server has to keep its output. */
  pause(): void {
    this.#socket.pause()
  }

  /** Fails the run unless exactly this comes next. */
  expect(bytes: Uint8Array): void {
    this.#expected = bytes
  }

  /** Leaves by a reset, which keeps no port waiting. */
  reset(): void {
    this.#left = true
    this.#socket.resetAndDestroy()
  }

  #take(length: number): boolean {
    if (this.#opened !== undefined) this.#open(this.#opened, shared.toString('latin1', 0, length))
    else {
      if (this.#expected !== undefined) this.#compare(this.#expected, length)
      this.receive(length, shared)
    }
    return true
  }

  #open(opened: (error?: Error) => void, text: string): void {
    this.#head += text
    const end = this.#head.indexOf(END_OF_HEAD)
    if (end < 0) return
    this.#opened = undefined
    const accepted =
      end === this.#head.length - END_OF_HEAD.length &&
      this.#head.startsWith('HTTP/1.1 101') &&
      this.#head.includes(ACCEPT)
    opened(accepted ? undefined : new Error(`no handshake: ${this.#head}`))
    this.#head = ''
  }

  #compare(expected: Uint8Array, length: number): void {
    const compared = Math.min(length, expected.length)
    if (shared.compare(expected, 0, compared, 0, compared) !== 0)
      throw new Error('the server sent something else back')
    this.#expected = compared < expected.length ? expected.subarray(compared) : undefined
  }

  #fail(error: Error): void {
    if (this.#left) return
    // A load that lost a connection is not the load that was asked for.
    if (this.#opened === undefined) throw error
    this.#opened(error)
  }
}

/** Opens that many connections, so many at a time that no queue of the kernel's is too short. */
export async function openClients(port: number, count: number, compressed = false): Promise<Client[]> {
  const clients: Client[] = []
  while (clients.length < count) {
    const next = Math.min(100, count - clients.length)
    clients.push(...(await Promise.all(Array.from({ length: next }, () => Client.open(port, compressed)))))
  }
  return clients
}

/** A message as a client sends it, and as a server sends it back. */
export function createFrames(
  size: number,
  type: 'text' | 'binary',
  raw: boolean,
): { sent: Uint8Array; reply: Uint8Array } {
  const opcode = type === 'text' ? Opcode.text : Opcode.binary
  const payload = Buffer.alloc(size, 'The quick brown fox jumps over the lazy dog. ')
  const sent = encodeFrame({ opcode, payload, maskingKey: MASKING_KEY })
  return { sent, reply: raw ? sent : encodeFrame({ opcode, payload }) }
}

/** The same bytes, so many times. */
export function repeat(bytes: Uint8Array, times: number): Uint8Array {
  return Buffer.concat(Array.from({ length: times }, () => bytes))
}
