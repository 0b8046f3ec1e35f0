// Reads answers from a transport during the opening of a connection, and no more of it than is
// asked for, so that what follows an answer is left to the next reader.

import type { Duplex } from 'node:stream'
import { type ResponseHead, ResponseParser } from '@ws/handshake'

/**
 * Interim responses (100, 103) before an answer; a server that sends more is not going to answer.
 */
const MAX_INTERIM_RESPONSES = 16

/** What follows is not a valid head; the message says why. */
export class InvalidHead extends Error {}

/** The transport has ended within an answer. The `cause` is its error, if there was one. */
class TransportEnded extends Error {}

/** Reads a transport, which is paused between two calls. */
export class TransportReader {
  readonly #transport: Duplex
  #unread: Uint8Array = new Uint8Array(0)

  constructor(transport: Duplex) {
    this.#transport = transport
  }

  /** The next bytes; undefined at the end. Rejects with the error of the transport. */
  read(): Promise<Uint8Array | undefined> {
    if (this.#unread.length > 0) return Promise.resolve(this.takeUnread())
    const transport = this.#transport
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        transport.off('data', onData)
        transport.off('end', onEnd)
        transport.off('close', onClose)
      }
      const onData = (bytes: Uint8Array): void => {
        transport.pause()
        settle()
        resolve(bytes)
      }
      const onEnd = (): void => {
        settle()
        resolve(undefined)
      }
      const onClose = (): void => {
        settle()
        if (transport.errored) reject(transport.errored)
        else resolve(undefined)
      }
      if (transport.destroyed || transport.readableEnded) {
        onClose()
        return
      }
      transport.on('data', onData)
      transport.on('end', onEnd)
      transport.on('close', onClose)
      transport.resume()
    })
  }

  /** The next `length` bytes. Rejects with `TransportEnded`. */
  async readExactly(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    for (let filled = 0; filled < length; ) {
      const chunk = await this.#readOrFail()
      const taken = chunk.subarray(0, length - filled)
      bytes.set(taken, filled)
      filled += taken.length
      this.#unread = chunk.subarray(taken.length)
    }
    return bytes
  }

  /**
   * The head of the final response (RFC 9110 §15.2). Rejects with `InvalidHead` and
   * `TransportEnded`.
   */
  async readHead(): Promise<ResponseHead> {
    for (let interim = 0; interim <= MAX_INTERIM_RESPONSES; interim++) {
      const head = await this.#readAnyHead()
      // "A client MUST be able to parse one or more 1xx responses received prior to a final
      // response, even if the client does not expect one."
      if (head.status >= 200 || head.status === 101) return head
    }
    throw new InvalidHead(`more than ${MAX_INTERIM_RESPONSES} interim responses (RFC 9110 §15.2)`)
  }

  async #readAnyHead(): Promise<ResponseHead> {
    const parser = new ResponseParser()
    for (;;) {
      const parsed = parser.push(await this.#readOrFail())
      if (parsed === undefined) continue
      if (!parsed.ok) throw new InvalidHead(parsed.error)
      this.#unread = parsed.rest
      return parsed.head
    }
  }

  async #readOrFail(): Promise<Uint8Array> {
    let cause: unknown
    try {
      const bytes = await this.read()
      if (bytes !== undefined) return bytes
    } catch (error) {
      cause = error
    }
    throw new TransportEnded('the connection has ended', cause === undefined ? undefined : { cause })
  }

  /** Bytes that were received after what has been read. */
  takeUnread(): Uint8Array {
    const unread = this.#unread
    this.#unread = new Uint8Array(0)
    return unread
  }
}
