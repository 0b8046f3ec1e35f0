// What the tests over real sockets share: a server that writes down what happens to it, and a peer that speaks in frames.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo, Socket as NetSocket } from 'node:net'
import {
  type DecodedFrame,
  decodeFrames,
  encodeFrame,
  type Frame,
  Opcode,
  writeClosePayload,
} from '@ws/frame'
import { type Lines, RawPeer, upgradeRequest, utf8 } from '@ws/testing'
import {
  type CloseReport,
  type Handlers,
  type ServerOptions,
  type Socket,
  WebSocketServer,
} from '../src/index.ts'

/** What happened on a server, in order. */
export type Event =
  | readonly ['open', Socket]
  | readonly ['message', string | Uint8Array]
  | readonly ['drain', Socket]
  | readonly ['close', CloseReport]
  | readonly ['error', unknown]

/** A server that listens on a port of its own, over an HTTP server of its own whose transports can be looked at. */
export class Recorder {
  readonly server: WebSocketServer
  readonly http: Server | HttpsServer
  readonly events: Event[] = []
  readonly transports: NetSocket[] = []
  readonly #counts = new Map<Event[0], number>()
  readonly #waiting = new Set<() => void>()

  /** The handlers are called after what they are called for was written down. */
  constructor(options: ServerOptions = {}, http: Server | HttpsServer = createServer()) {
    this.http = http
    const handlers: Handlers = {
      open: socket => {
        this.#record(['open', socket])
        return options.open?.(socket)
      },
      message: (socket, data) => {
        this.#record(['message', data])
        return options.message?.(socket, data)
      },
      drain: socket => {
        this.#record(['drain', socket])
        return options.drain?.(socket)
      },
      close: (socket, report) => {
        this.#record(['close', report])
        return options.close?.(socket, report)
      },
      onError: (error, socket) => {
        this.#record(['error', error])
        return options.onError?.(error, socket)
      },
    }
    this.server = new WebSocketServer({ ...options, ...handlers })
    this.http.on('upgrade', (_request, transport) => this.transports.push(transport as NetSocket))
    this.server.attach(this.http)
  }

  static async start(options?: ServerOptions, http?: Server | HttpsServer): Promise<Recorder> {
    const recorder = new Recorder(options, http)
    recorder.http.listen(0, '127.0.0.1')
    await once(recorder.http, 'listening')
    return recorder
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port
  }

  /** The names of what happened, in order. */
  get names(): string[] {
    return this.events.map(([name]) => name)
  }

  get messages(): (string | Uint8Array)[] {
    return this.events.flatMap(event => (event[0] === 'message' ? [event[1]] : []))
  }

  get reports(): CloseReport[] {
    return this.events.flatMap(event => (event[0] === 'close' ? [event[1]] : []))
  }

  get errors(): unknown[] {
    return this.events.flatMap(event => (event[0] === 'error' ? [event[1]] : []))
  }

  /** Waits until that has happened so many times. */
  until(name: Event[0], count = 1): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => {
      if ((this.#counts.get(name) ?? 0) < count) return
      this.#waiting.delete(look)
      resolve()
    }
    this.#waiting.add(look)
    look()
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close({ timeout: 0 })
    this.http.close()
    this.http.closeAllConnections()
    await once(this.http, 'close')
  }

  #record(event: Event): void {
    this.events.push(event)
    this.#counts.set(event[0], (this.#counts.get(event[0]) ?? 0) + 1)
    for (const look of this.#waiting) look()
  }
}

/** A peer that has opened a WebSocket and knows no rules. */
export class FramePeer {
  readonly raw: RawPeer
  /** The head of the server's response. */
  readonly head: string
  readonly #frames: string[] = []
  /** Bytes that have been decoded, the head included. */
  #decoded: number

  private constructor(raw: RawPeer, head: string) {
    this.raw = raw
    this.head = head
    this.#decoded = head.length
  }

  /** Sends the request, with `first` in the same packet, and reads the 101. */
  static async open(
    port: number,
    options: { path?: string; lines?: Lines; first?: Uint8Array } = {},
  ): Promise<FramePeer> {
    return FramePeer.over(await RawPeer.connect(port), options)
  }

  /** The same on a connection that there is. */
  static async over(
    raw: RawPeer,
    options: { path?: string; lines?: Lines; first?: Uint8Array } = {},
  ): Promise<FramePeer> {
    const request = Buffer.from(upgradeRequest(options.path, options.lines), 'latin1')
    void raw.write(Buffer.concat([request, options.first ?? new Uint8Array(0)]))
    const head = await raw.head()
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`no 101: ${head}`)
    return new FramePeer(raw, head)
  }

  /** Writes bytes, in one segment if they fit. */
  send(...parts: readonly Uint8Array[]): Promise<void> {
    return this.raw.write(Buffer.concat(parts))
  }

  /** Waits for so many frames, and gives all that came. */
  async frames(count: number): Promise<readonly string[]> {
    await this.raw.until(received => this.#decode(received).length >= count)
    return [...this.#frames]
  }

  /** Waits for FIN, and gives all frames that came before it. */
  async ended(): Promise<readonly string[]> {
    return this.#decode(await this.raw.ended())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.raw[Symbol.asyncDispose]()
  }

  #decode(received: Uint8Array): readonly string[] {
    const { frames, rest } = decodeFrames('client', received.subarray(this.#decoded))
    this.#frames.push(...frames.map(show))
    this.#decoded = received.length - rest.length
    return this.#frames
  }
}

/** A frame as a client sends it. */
export function frame(
  opcode: number,
  payload: Uint8Array = new Uint8Array(0),
  more: Partial<Frame> = {},
): Uint8Array {
  return encodeFrame({ opcode, payload, maskingKey: 0x0a1b2c3d, ...more })
}

export function text(message: string, more: Partial<Frame> = {}): Uint8Array {
  return frame(Opcode.text, utf8(message), more)
}

export function binary(message: Uint8Array): Uint8Array {
  return frame(Opcode.binary, message)
}

export function ping(payload: string): Uint8Array {
  return frame(Opcode.ping, utf8(payload))
}

export function close(code?: number, reason?: string): Uint8Array {
  return frame(Opcode.close, writeClosePayload(code, reason))
}

/** A frame in words: `text hello`, `close 1000 bye`, `binary 3 bytes`. */
function show({ opcode, payload }: DecodedFrame): string {
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  if (opcode === Opcode.text) return `text ${decode(payload)}`
  if (opcode === Opcode.binary) return `binary ${payload.length} bytes`
  if (opcode === Opcode.ping) return `ping ${decode(payload)}`
  if (opcode === Opcode.pong) return `pong ${decode(payload)}`
  if (opcode !== Opcode.close) return `opcode ${opcode}`
  return payload.length < 2
    ? 'close'
    : `close ${payload[0]! * 256 + payload[1]!} ${decode(payload.subarray(2))}`.trimEnd()
}

/** A promise to be settled from outside, for handlers that take their time. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: () => resolve() }
}
