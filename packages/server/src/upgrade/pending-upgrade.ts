// Watches the transport of a client while its `upgrade` is pending: keeps what the client sends,
// and notices when it leaves.

import type { Duplex } from 'node:stream'

/** Bytes that are kept, before reading pauses. */
const MAX_UNREAD = 64 * 1024

/** Why a wait ended before there was an answer. */
export type Interruption = 'left' | 'late'

/** One pending request. */
export class PendingUpgrade {
  readonly #transport: Duplex
  readonly #onInterruption: (why: Interruption) => void
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Uint8Array[]
  #length: number
  #isOver = false

  /** `onInterruption` is called at most once, and not after `settle`. */
  constructor(
    transport: Duplex,
    head: Uint8Array,
    timeout: number,
    onInterruption: (why: Interruption) => void,
  ) {
    this.#transport = transport
    this.#onInterruption = onInterruption
    this.#chunks = head.length > 0 ? [head] : []
    this.#length = head.length
    this.#timer = setTimeout(() => this.interrupt('late'), timeout)
    this.#timer.unref()
    transport.on('data', this.#onData)
    transport.on('end', this.#onLeft)
    transport.on('close', this.#onLeft)
    if (this.#length < MAX_UNREAD) transport.resume()
    else transport.pause()
  }

  /** Ends the wait and returns what the client has sent; undefined if it was interrupted before. */
  settle(): Uint8Array | undefined {
    if (this.#isOver) return undefined
    this.#stop()
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length >= MAX_UNREAD) this.#transport.pause()
  }

  readonly #onLeft = (): void => this.interrupt('left')

  /** Ends the wait without an answer. Does nothing if it is over. */
  interrupt(why: Interruption): void {
    if (this.#isOver) return
    this.#stop()
    this.#onInterruption(why)
  }

  #stop(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    const transport = this.#transport
    transport.off('data', this.#onData)
    transport.off('end', this.#onLeft)
    transport.off('close', this.#onLeft)
    transport.pause()
  }
}
