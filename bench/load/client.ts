// A client that is cheaper than any server: one TCP connection, one buffer to read into for all, frames that were encoded before. It
// decodes nothing but the first reply, which must be right to the byte.

import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'
import { encodeFrame, Opcode } from '@ws/frame'
import { upgradeRequest } from '@ws/testing'

/** Told how many bytes have come. */
export type Receive = (length: number) => void

const READ_SIZE = 1024 * 1024
const END_OF_HEAD = Buffer.from('\r\n\r\n')
const KEY = 0x37fa213d

/** Everybody reads into this. */
const shared = Buffer.allocUnsafe(READ_SIZE)

/** A connection to a server under load. */
export class Client {
  readonly socket: Socket
  receive: Receive = () => {}
  /** What is to come first, as far as it has not; a reply is compared with it. */
  #expected: Uint8Array | undefined
  #opened: ((error?: Error) => void) | undefined

  private constructor(port: number, opened: (error?: Error) => void) {
    this.#opened = opened
    this.socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: shared, callback: length => this.#take(length) },
    })
    this.socket.on('error', error => {
      if (this.#opened === undefined) throw error
      this.#opened(error)
    })
    this.socket.write(upgradeRequest())
  }

  /** Connects and shakes hands. Rejects with what the server said if it said no. */
  static open(port: number): Promise<Client> {
    return new Promise((resolve, reject) => {
      const client: Client = new Client(port, error =>
        error === undefined ? resolve(client) : reject(error),
      )
    })
  }

  /** Fails the run unless exactly this comes next. */
  expect(bytes: Uint8Array): void {
    this.#expected = bytes
  }

  #take(length: number): boolean {
    if (this.#opened !== undefined) this.#open(shared.subarray(0, length))
    else {
      if (this.#expected !== undefined) this.#compare(this.#expected, length)
      this.receive(length)
    }
    return true
  }

  #open(head: Buffer): void {
    const end = head.indexOf(END_OF_HEAD)
    const accepted =
      end === head.length - END_OF_HEAD.length && head.toString('latin1', 0, 12) === 'HTTP/1.1 101'
    const opened = this.#opened!
    this.#opened = undefined
    opened(accepted ? undefined : new Error(`no handshake: ${head.toString('latin1')}`))
  }

  #compare(expected: Uint8Array, length: number): void {
    const compared = Math.min(length, expected.length)
    if (shared.compare(expected, 0, compared, 0, compared) !== 0)
      throw new Error('the server sent something else back')
    this.#expected = compared < expected.length ? expected.subarray(compared) : undefined
  }
}

/** Opens that many connections, so many at a time that no queue of the kernel's is too short. */
export async function openClients(port: number, count: number): Promise<Client[]> {
  const clients: Client[] = []
  while (clients.length < count) {
    const next = Math.min(100, count - clients.length)
    clients.push(...(await Promise.all(Array.from({ length: next }, () => Client.open(port)))))
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
  const sent = encodeFrame({ opcode, payload, maskingKey: KEY })
  return { sent, reply: raw ? sent : encodeFrame({ opcode, payload }) }
}
