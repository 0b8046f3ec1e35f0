// permessage-deflate of the tester (RFC 7692 §7.2). The history that a window holds is passed to
// zlib as a dictionary, so that compressing a message depends on nothing but its arguments, and
// results can be kept.

import { constants, inflateRawSync } from 'node:zlib'
import { deflateMessage } from './bytes.ts'

/** The parameters of one direction. */
interface Direction {
  readonly windowBits: number
  /** Whether a message may refer to messages before it. */
  readonly contextTakeover: boolean
}

/** The agreed parameters, as the tester sees them. */
export interface Agreement {
  readonly sending: Direction
  readonly receiving: Direction
}

/** The octets removed from the end of a message (RFC 7692 §7.2.2). */
const TAIL = Buffer.from('0000ffff', 'hex')
/** A message that inflates to more than this is taken for an attack. */
const LONGEST = 64 * 2 ** 20

/** The octets that the window holds of the messages before. */
class History {
  readonly #size: number
  #octets: Uint8Array = new Uint8Array(0)

  constructor({ windowBits, contextTakeover }: Direction) {
    this.#size = contextTakeover ? 2 ** windowBits : 0
  }

  get octets(): Uint8Array {
    return this.#octets
  }

  push(message: Uint8Array): void {
    if (this.#size === 0) return
    this.#octets =
      message.length >= this.#size
        ? message.subarray(message.length - this.#size)
        : Buffer.concat([this.#octets, message]).subarray(-this.#size)
  }
}

/** The codec of one connection. */
export class DeflateCodec {
  readonly agreement: Agreement
  readonly #sent: History
  readonly #received: History
  readonly #chunkSize: number

  constructor(agreement: Agreement) {
    this.agreement = agreement
    this.#sent = new History(agreement.sending)
    this.#received = new History(agreement.receiving)
    // zlib looks back at most the window and the current output chunk: a small chunk shows a peer
    // that refers to octets outside of the window.
    this.#chunkSize = agreement.receiving.windowBits < 15 ? 64 : 64 * 1024
  }

  compress(message: Uint8Array): Uint8Array {
    const compressed = deflateMessage(message, this.agreement.sending.windowBits, this.#sent.octets)
    this.#sent.push(message)
    return compressed
  }

  /** Records that a message was sent whose compressed form was known. */
  skipCompress(message: Uint8Array): void {
    this.#sent.push(message)
  }

  /** Throws if the octets are not DEFLATE data, or refer to octets outside of the window. */
  decompress(payload: Uint8Array): Uint8Array {
    const history = this.#received.octets
    const message = inflateRawSync(Buffer.concat([payload, TAIL]), {
      windowBits: Math.max(9, this.agreement.receiving.windowBits),
      chunkSize: this.#chunkSize,
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: LONGEST,
      ...(history.length === 0 ? {} : { dictionary: history }),
    })
    this.#received.push(message)
    return message
  }

  /** Records that a message was received whose content was known. */
  skipDecompress(message: Uint8Array): void {
    this.#received.push(message)
  }
}
