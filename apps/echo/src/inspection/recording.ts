// Records the transport of one WebSocket, from its request on, for the observer that asked for it.

import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Socket } from '@ws/server'
import { watch } from '../wire/watch.ts'
import { FrameCutter } from './frame-cutter.ts'
import { endOfHead, formatHead, maskSecrets } from './head.ts'
import type { RecordEvent, Side } from './record.ts'

/** Bytes of each payload that are recorded. */
const MAX_PAYLOAD = 64 * 1024

/** Bytes that are recorded of one connection. */
const MAX_RECORDED = 4 * 1024 * 1024

/** Bytes of a response's head, which no path of this server exceeds. */
const MAX_HEAD = 64 * 1024

/** Takes an event of the connection. */
type OnEvent = (event: Omit<RecordEvent, 'connection' | 'time'>) => void

const NOTHING = new Uint8Array(0)

/** The record of one connection. */
export class Recording {
  readonly #onEvent: OnEvent
  readonly #cutters: Readonly<Record<Side, FrameCutter>>
  /** The start of the response's head; undefined after its end. */
  #head: Uint8Array | undefined = NOTHING
  #recorded = 0
  #isOver = false
  #socket: Socket | undefined

  constructor(onEvent: OnEvent) {
    this.#onEvent = onEvent
    this.#cutters = { client: this.#createCutter('client'), server: this.#createCutter('server') }
  }

  /** Begins with the head of a request whose response has not been written yet. */
  start(request: IncomingMessage): void {
    this.#record('client', formatHead(request))
    const transport = request.socket
    watch(transport, {
      received: bytes => {
        // Until the WebSocket is open, bytes are kept for it, and read again.
        if (this.#socket !== undefined) this.#cut('client', bytes)
      },
      sent: bytes => this.#send(bytes),
    })
    transport.once('end', () => this.#emit('fin', 'client'))
    transport.once('finish', () => this.#emit('fin', 'server'))
    transport.once('close', () => {
      this.#emit('closed', 'server')
      this.stop()
    })
  }

  /** The WebSocket, once it is open. */
  get socket(): Socket | undefined {
    return this.#socket
  }

  /** The WebSocket is open: what is received from now on are frames. */
  open(socket: Socket): void {
    this.#socket = socket
  }

  /** Ends the record. */
  stop(): void {
    this.#isOver = true
  }

  /** Ends the record because it has become too long. */
  reachLimit(): void {
    this.#emit('limit', 'server')
    this.stop()
  }

  #createCutter(from: Side): FrameCutter {
    return new FrameCutter(MAX_PAYLOAD, {
      bytes: bytes => this.#record(from, bytes),
      skipped: skipped => this.#emit('skipped', from, NOTHING, skipped),
    })
  }

  #cut(from: Side, bytes: Uint8Array): void {
    if (!this.#isOver) this.#cutters[from].cut(bytes)
  }

  /** Bytes of the server: the head of the response, then frames or a body. */
  #send(bytes: Uint8Array): void {
    if (this.#isOver) return
    if (this.#head === undefined) {
      if (this.#socket === undefined) this.#record('server', bytes)
      else this.#cut('server', bytes)
      return
    }
    const head = Buffer.concat([this.#head, bytes])
    const end = endOfHead(head)
    if (end < 0 && head.length < MAX_HEAD) {
      this.#head = head
      return
    }
    this.#head = undefined
    this.#record('server', maskSecrets(head.subarray(0, end)))
    if (end < head.length) this.#record('server', head.subarray(end))
  }

  #record(from: Side, bytes: Uint8Array): void {
    if (this.#recorded + bytes.length > MAX_RECORDED) {
      this.reachLimit()
      return
    }
    this.#recorded += bytes.length
    // The bytes are lent: the transport overwrites them, and the decoder unmasks them in place.
    this.#emit('bytes', from, Uint8Array.from(bytes))
  }

  #emit(kind: RecordEvent['kind'], from: Side, bytes: Uint8Array = NOTHING, skipped = 0): void {
    if (!this.#isOver) this.#onEvent({ kind, from, bytes, skipped })
  }
}
