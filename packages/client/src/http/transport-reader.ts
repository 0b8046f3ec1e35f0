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

const NOTHING = new Uint8Array(0)

/**
 * Reads a transport, which is paused between two calls. What follows an answer stays in the
 * transport, which does not end before that has been read.
 */
export class TransportReader {
  readonly #transport: Duplex

  constructor(transport: Duplex) {
    this.#transport = transport
  }

  /** The next bytes; undefined at the end. Rejects with the error of the transport. */
  async read(): Promise<Uint8Array | undefined> {
    let next: Uint8Array | undefined
    await this.#receive(bytes => {
      next = bytes
      return NOTHING
    })
    return next
  }

  /** The next `length` bytes. Rejects with `TransportEnded`. */
  async readExactly(length: number): Promise<Uint8Array> {
    const result = new Uint8Array(length)
    for (let filled = 0; filled < length; ) {
      await this.#receiveOrFail(bytes => {
        const taken = bytes.subarray(0, length - filled)
        result.set(taken, filled)
        filled += taken.length
        return bytes.subarray(taken.length)
      })
    }
    return result
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
      const parsed = await this.#parse(parser)
      if (parsed === undefined) continue
      if (!parsed.ok) throw new InvalidHead(parsed.error)
      return parsed.head
    }
  }

  /** Gives the next bytes to the parser. */
  async #parse(parser: ResponseParser): Promise<ReturnType<ResponseParser['push']>> {
    let parsed: ReturnType<ResponseParser['push']>
    await this.#receiveOrFail(bytes => {
      parsed = parser.push(bytes)
      return parsed?.ok ? parsed.rest : NOTHING
    })
    return parsed
  }

  async #receiveOrFail(take: (bytes: Uint8Array) => Uint8Array): Promise<void> {
    let cause: unknown
    try {
      if (await this.#receive(take)) return
    } catch (error) {
      cause = error
    }
    throw new TransportEnded('the connection has ended', cause === undefined ? undefined : { cause })
  }

  /**
   * Gives the next bytes to `take`, which returns those that it leaves. Resolves with false at the
   * end. Rejects with the error of the transport.
   */
  #receive(take: (bytes: Uint8Array) => Uint8Array): Promise<boolean> {
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
        const rest = take(bytes)
        // In this very event: afterwards, a transport without further bytes may have ended.
        if (rest.length > 0) transport.unshift(rest)
        resolve(true)
      }
      const onEnd = (): void => {
        settle()
        resolve(false)
      }
      const onClose = (): void => {
        settle()
        if (transport.errored) reject(transport.errored)
        else resolve(false)
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
}
