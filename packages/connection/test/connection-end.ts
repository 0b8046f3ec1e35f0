// A connection over an in-memory stream, with its peer as bytes: what it writes is recorded as
// short texts, in the order of its events.

import { type Duplex, duplexPair } from 'node:stream'
import { type DecodedFrame, decodeFrames, encodeFrame, type Frame, Opcode, readClosePayload } from '@ws/frame'
import { concat, utf8 } from '@ws/testing'
import { Connection } from '../src/connection.ts'
import { ConnectionCounters } from '../src/counters.ts'
import type { ConnectionHandlers } from '../src/handlers.ts'
import { takeOwnership } from '../src/node/transport.ts'
import {
  CONNECTION_OPTIONS,
  type ConnectionOptions,
  DEFAULT_CONNECTION_SETTINGS,
} from '../src/options/connection-options.ts'
import { resolveOptions } from '../src/options/option.ts'
import { ConnectionSocket, type Socket } from '../src/socket.ts'

const HANDSHAKE = {
  path: '/',
  search: '',
  origin: undefined,
  protocol: '',
  extensions: '',
  remoteAddress: '192.0.2.1',
}

/** Resolves when everything that is in progress in memory has been done. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 8; i++) await new Promise(setImmediate)
}

/** A server's end of a connection. */
export class ConnectionEnd {
  readonly connection: Connection<Socket>
  readonly socket: Socket
  /** The peer's end of the transport. It must be read, or the connection's transport fills up. */
  readonly peer: Duplex
  readonly transport: Duplex
  readonly counters: ConnectionCounters = new ConnectionCounters()
  /** Calls of the owner, and of the handlers that record theirs. */
  readonly events: string[] = []
  readonly sessions: Promise<void>[] = []
  readonly errors: unknown[] = []
  /** The sum of the changes that the owner was told of. */
  bufferedMemory = 0
  /** Called when there is room again. */
  onRoomAvailable: (() => void) | undefined
  readonly #chunks: Uint8Array[] = []

  constructor(handlers: ConnectionHandlers<Socket> = {}, options: ConnectionOptions = {}, isRead = true) {
    const [transport, peer] = duplexPair() as [Duplex, Duplex]
    this.transport = transport
    this.peer = peer
    if (isRead) this.read()
    takeOwnership(transport)
    const settings = resolveOptions(CONNECTION_OPTIONS, options, DEFAULT_CONNECTION_SETTINGS)
    this.connection = new Connection<Socket>({
      role: 'server',
      transport,
      config: { settings, handlers, errorHandler: error => void this.errors.push(error) },
      owner: {
        counters: this.counters,
        sessionStarted: session => void this.sessions.push(session),
        roomAvailable: () => {
          this.events.push('room available')
          this.onRoomAvailable?.()
        },
        bufferedMemoryChanged: change => {
          this.bufferedMemory += change
        },
        connectionClosed: () => void this.events.push('connection closed'),
        connectionFinished: () => void this.events.push('connection finished'),
      },
    })
    this.socket = new ConnectionSocket(this.connection, HANDSHAKE, 1, undefined)
  }

  /** Opens the connection; `head` was received with the handshake. */
  open(head: Uint8Array = new Uint8Array(0)): this {
    this.connection.open(this.socket, head)
    return this
  }

  /** Reads what the connection writes, from now on. */
  read(): void {
    this.peer.on('data', chunk => void this.#chunks.push(chunk))
  }

  /** The number of chunks that the peer has read. */
  get chunks(): number {
    return this.#chunks.length
  }

  /** The frames that the peer has read: `text hello`, `binary 3`, `ping a`, `close 1000 bye`. */
  get frames(): string[] {
    return this.decoded.map(({ opcode, payload }) => {
      if (opcode === Opcode.binary || opcode === Opcode.continuation)
        return `${opcode === Opcode.binary ? 'binary' : 'continuation'} ${payload.length}`
      if (opcode !== Opcode.close)
        return `${NAMES.get(opcode)} ${payload.length > 32 ? payload.length : Buffer.from(payload)}`
      const { code, reason } = readClosePayload(payload, 0, payload.length)
      return `close ${code} ${reason}`.trim()
    })
  }

  /** The same frames, decoded. */
  get decoded(): readonly DecodedFrame[] {
    return decodeFrames('client', concat(...this.#chunks)).frames
  }

  /** Sends these frames in one chunk, masked. */
  async receive(...frames: Frame[]): Promise<void> {
    this.peer.write(concat(...frames.map(frame => encodeFrame({ ...frame, maskingKey: 0x1234_5678 }))))
    await settled()
  }
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [Opcode.text, 'text'],
  [Opcode.ping, 'ping'],
  [Opcode.pong, 'pong'],
])

export function text(message: string): Frame {
  return { opcode: Opcode.text, payload: utf8(message) }
}

export function ping(payload: string): Frame {
  return { opcode: Opcode.ping, payload: utf8(payload) }
}

export function pong(payload: string): Frame {
  return { opcode: Opcode.pong, payload: utf8(payload) }
}

export function close(code: number): Frame {
  return { opcode: Opcode.close, payload: Uint8Array.of(code >> 8, code & 0xff) }
}
