// The class `Sender`: encodes messages and frames for a transport, without a connection.

import type { Duplex } from 'node:stream'
import { nodeHost } from '@ws/connection'
import { encodeFrame, Opcode, writeClosePayload } from '@ws/frame'
import { toBytes } from './data.ts'
import type { PerMessageDeflate } from './permessage-deflate.ts'

/** The fields of one frame. */
export interface FrameOptions {
  /** Whether this is the last frame of a message. */
  fin?: boolean | undefined
  /** Fills four bytes with the masking key. */
  generateMask?: ((mask: Buffer) => void) | undefined
  /** Whether the payload is masked. */
  mask?: boolean | undefined
  /** See RFC 6455 §5.2. */
  opcode: number
  /** Accepted and not needed: the data is never modified. */
  readOnly?: boolean | undefined
  /** Whether the reserved bit of a compressed message is set. */
  rsv1?: boolean | undefined
}

/** The fields of one message. */
export interface SenderOptions {
  binary?: boolean | undefined
  compress?: boolean | undefined
  fin?: boolean | undefined
  mask?: boolean | undefined
}

/** The negotiated extensions by name. */
export interface Extensions {
  readonly 'permessage-deflate'?: PerMessageDeflate | undefined
}

type Callback = (error?: Error | null) => void

const RSV1 = 0b100

/** Sends frames. Messages leave in the order of the calls, control frames before those that wait. */
export class Sender {
  readonly #transport: Duplex
  readonly #deflate: PerMessageDeflate | undefined
  readonly #generateMask: ((mask: Buffer) => void) | undefined
  /** The end of the message that is being compressed or read; undefined without one. */
  #pending: Promise<void> | undefined
  #isFirstFragment = true
  #isCompressed = false

  constructor(transport: Duplex, extensions: Extensions = {}, generateMask?: (mask: Buffer) => void) {
    this.#transport = transport
    this.#deflate = extensions['permessage-deflate']
    this.#generateMask = generateMask
  }

  /** Encodes a frame. Returns its parts, to be written one after the other. */
  static frame(data: Buffer | string, options: FrameOptions): Buffer[] {
    const { fin = false, mask = false, opcode, rsv1 = false, generateMask } = options
    const frame = encodeFrame({
      opcode,
      fin,
      rsv: rsv1 ? RSV1 : 0,
      payload: toBytes(data),
      ...(mask && { maskingKey: createKey(generateMask) }),
    })
    return [Buffer.from(frame.buffer)]
  }

  /** Sends a message or a fragment. */
  send(data: unknown, options: SenderOptions, callback?: Callback): void {
    const { binary = false, compress = false, fin = false, mask = false } = options
    const opcode = this.#isFirstFragment ? (binary ? Opcode.binary : Opcode.text) : Opcode.continuation
    const isFirst = this.#isFirstFragment
    this.#isFirstFragment = fin
    if (this.#pending === undefined && !(data instanceof Blob)) {
      const bytes = toBytes(data)
      if (isFirst) this.#isCompressed = compress && this.#shouldCompress(bytes.length, mask)
      if (!this.#isCompressed) {
        this.#write(bytes, { fin, mask, opcode }, callback)
        return
      }
    }
    this.#enqueue(async () => {
      const bytes = toBytes(data instanceof Blob ? await data.arrayBuffer() : data)
      if (isFirst) this.#isCompressed = compress && this.#shouldCompress(bytes.length, mask)
      const payload = this.#isCompressed ? await this.#compress(bytes, fin) : bytes
      this.#write(payload, { fin, mask, opcode, rsv1: isFirst && this.#isCompressed }, callback)
    }, callback)
  }

  /** Sends a ping. Throws a `RangeError` for more than 125 bytes. */
  ping(data: unknown, mask: boolean, callback?: Callback): void {
    this.#write(controlPayload(data), { opcode: Opcode.ping, fin: true, mask }, callback)
  }

  /** Sends a pong. Throws a `RangeError` for more than 125 bytes. */
  pong(data: unknown, mask: boolean, callback?: Callback): void {
    this.#write(controlPayload(data), { opcode: Opcode.pong, fin: true, mask }, callback)
  }

  /** Sends a Close, after all messages. Throws for a code or a reason that must not be sent. */
  close(code?: number, reason?: string | Buffer, mask?: boolean, callback?: Callback): void {
    const payload = writeClosePayload(code, reason === undefined ? undefined : String(reason))
    const send = (): void => this.#write(payload, { opcode: Opcode.close, fin: true, mask }, callback)
    if (this.#pending === undefined) send()
    else this.#enqueue(async () => send(), callback)
  }

  /** Writes the parts of a frame. */
  sendFrame(parts: readonly Uint8Array[], callback?: Callback): void {
    this.#transport.cork()
    parts.forEach((part, i) => {
      if (i === parts.length - 1 && callback !== undefined) this.#transport.write(part, callback)
      else this.#transport.write(part)
    })
    this.#transport.uncork()
  }

  #write(payload: Uint8Array, options: FrameOptions, callback: Callback | undefined): void {
    const generateMask = this.#generateMask
    this.sendFrame(Sender.frame(payload as Buffer, { ...options, generateMask }), callback)
  }

  #shouldCompress(size: number, mask: boolean): boolean {
    return this.#deflate?.shouldCompress(size, mask ? 'client' : 'server') ?? false
  }

  #compress(bytes: Uint8Array, isLast: boolean): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    this.#deflate!.compress(bytes, isLast, (error, result) => (error ? reject(error) : resolve(result!)))
    return promise
  }

  #enqueue(send: () => Promise<void>, callback: Callback | undefined): void {
    const done = (this.#pending ?? Promise.resolve()).then(send).catch((error: Error) => {
      callback?.(error)
      this.#transport.destroy(error)
    })
    this.#pending = done
    void done.then(() => {
      if (this.#pending === done) this.#pending = undefined
    })
  }
}

function createKey(generateMask: ((mask: Buffer) => void) | undefined): number {
  if (generateMask === undefined) return nodeHost.createMaskingKey()
  const mask = Buffer.alloc(4)
  generateMask(mask)
  return mask.readUInt32BE(0)
}

function controlPayload(data: unknown): Uint8Array {
  const payload = toBytes(data)
  if (payload.length > 125) throw new RangeError('The data size must not be greater than 125 bytes')
  return payload
}
