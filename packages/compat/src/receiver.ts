// The class `Receiver`: a writable stream of the bytes of a peer, which emits its messages.

import { Writable } from 'node:stream'
import { nodeHost } from '@ws/connection'
import { type Bytes, type CloseInfo, type MessageType, Protocol, type ProtocolSink } from '@ws/protocol'
import { asBuffer, type BinaryType, toBinaryType } from './data.ts'
import { failureOf } from './errors.ts'
import type { Extensions } from './sender.ts'
import { settingsOf } from './settings.ts'

/** Options of a `Receiver`. */
export interface ReceiverOptions {
  /** Whether several events may be emitted in the same tick. Default: true. */
  allowSynchronousEvents?: boolean | undefined
  /** The type of binary messages. Default: `nodebuffer`. */
  binaryType?: BinaryType | undefined
  /** The negotiated extensions. */
  extensions?: Extensions | undefined
  /** Whether the peer is a client. Default: false. */
  isServer?: boolean | undefined
  /** The most frames of one message; 0 for no limit. */
  maxFragments?: number | undefined
  /** The largest message in bytes; 0, the default, for no limit. */
  maxPayload?: number | undefined
  /** Accepted and ignored: texts are always validated. */
  skipUTF8Validation?: boolean | undefined
}

/**
 * Emits `message` (data, isBinary), `ping` and `pong` (data), and `conclude` (code, reason) for a
 * Close; `error` for a violation of the protocol.
 */
export class Receiver extends Writable {
  /** The type of binary messages. */
  binaryType: BinaryType
  readonly #protocol: Protocol
  readonly #isOneByOne: boolean
  /** The callback of a write whose bytes have not all been handled. */
  #written: ((error?: Error) => void) | undefined
  #failure: Error | undefined

  constructor(options: ReceiverOptions = {}) {
    super()
    const { allowSynchronousEvents = true, binaryType = 'nodebuffer', extensions, isServer = false } = options
    this.binaryType = binaryType
    this.#isOneByOne = !allowSynchronousEvents
    const { maxMessageSize, maxFragments } = settingsOf(options)
    this.#protocol = new Protocol(isServer ? 'server' : 'client', this.#sink, {
      autoPong: false,
      textAsBytes: true,
      host: nodeHost,
      limits: { maxMessageSize, maxFragments, messageTimeout: Number.POSITIVE_INFINITY },
      extension: extensions?.['permessage-deflate']?.extension,
    })
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error) => void): void {
    this.#written = callback
    // The bytes are unmasked in place.
    this.#protocol.receive(new Uint8Array(chunk))
    this.#settle()
  }

  get #sink(): ProtocolSink {
    return {
      message: (data, type) => this.#message(data as Bytes, type),
      ping: payload => void this.emit('ping', asBuffer(payload)),
      pong: payload => void this.emit('pong', asBuffer(payload)),
      close: report => this.#close(report),
      output: () => this.#settle(),
    }
  }

  #message(data: Bytes, type: MessageType): void {
    if (this.#isOneByOne) {
      this.#protocol.pause()
      setImmediate(() => {
        this.#protocol.resume()
        this.#settle()
      })
    }
    if (type === 'text') this.emit('message', asBuffer(data), false)
    else this.emit('message', toBinaryType(data, this.binaryType), true)
  }

  #close({ code, reason, wasClean, cause }: CloseInfo): void {
    if (wasClean) this.emit('conclude', code, Buffer.from(reason))
    else this.#failure = failureOf(cause) ?? cause
  }

  /** Asks for more once everything has been handled. */
  #settle(): void {
    if (this.#written === undefined || (this.#protocol.unreadLength > 0 && this.#failure === undefined))
      return
    const written = this.#written
    this.#written = undefined
    written(this.#failure)
  }
}
