// A client that waits while `upgrade` is at work: what it sends meanwhile is kept, and whether it leaves is noticed.

import type { Duplex } from 'node:stream'

/** More than this is not read before there is a socket to take it. */
const READ_AHEAD = 64 * 1024

/** Why a wait ended before there was an answer. */
export type Interruption = 'left' | 'late'

/** Watches one transport from the request to the answer. */
export class PendingUpgrade {
  readonly #transport: Duplex
  readonly #interrupted: (why: Interruption) => void
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Uint8Array[]
  #length: number
  #over = false

  /** `interrupted` is called at most once, and not after `settle`. */
  constructor(
    transport: Duplex,
    head: Uint8Array,
    timeout: number,
    interrupted: (why: Interruption) => void,
  ) {
    this.#transport = transport
    this.#interrupted = interrupted
    this.#chunks = head.length > 0 ? [head] : []
    this.#length = head.length
    this.#timer = setTimeout(() => this.interrupt('late'), timeout)
    this.#timer.unref()
    transport.on('data', this.#onData)
    transport.on('end', this.#onLeft)
    transport.on('close', this.#onLeft)
    if (this.#length < READ_AHEAD) transport.resume()
    else transport.pause()
  }

  /** Ends the wait, and gives what the client has sent; undefined if it was interrupted before. */
  settle(): Uint8Array | undefined {
    if (this.#over) return undefined
    this.#stop()
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length >= READ_AHEAD) this.#transport.pause()
  }

  readonly #onLeft = (): void => this.interrupt('left')

  /** Ends the wait without an answer; does nothing if it is over. */
  interrupt(why: Interruption): void {
    if (this.#over) return
    this.#stop()
    this.#interrupted(why)
  }

  #stop(): void {
    this.#over = true
    clearTimeout(this.#timer)
    const transport = this.#transport
    transport.off('data', this.#onData)
    transport.off('end', this.#onLeft)
    transport.off('close', this.#onLeft)
    transport.pause()
  }
}
