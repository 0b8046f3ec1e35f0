// Writes of the tester. Those of one turn of the event loop reach the socket together; chopped and
// synchronous ones have a turn of their own, and whatever follows waits behind them.

import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WireLog } from './wire-log.ts'

export class WriteQueue {
  readonly #socket: Duplex
  readonly #log: WireLog
  readonly #chop: number | undefined
  readonly #waiting: { readonly octets: Uint8Array; readonly sync: boolean }[] = []
  readonly #idle: (() => void)[] = []
  #batch: Uint8Array[] = []
  #pumping = false

  /** With `chop`, everything is written in pieces of this many octets. */
  constructor(socket: Duplex, log: WireLog, chop?: number) {
    this.#socket = socket
    this.#log = log
    this.#chop = chop
  }

  /** Writes octets with the rest of this turn, in pieces of `chop`, or in a turn of their own. */
  write(octets: Uint8Array, writing: { readonly chop?: number; readonly sync?: true } = {}): void {
    const { chop = this.#chop, sync } = writing
    if (chop !== undefined) {
      for (let at = 0; at < octets.length; at += chop)
        this.#waiting.push({ octets: octets.subarray(at, at + chop), sync: true })
    } else if (sync || this.#pumping) {
      this.#waiting.push({ octets, sync: sync === true })
    } else {
      if (this.#batch.length === 0) queueMicrotask(() => this.#flushBatch())
      this.#batch.push(octets)
      return
    }
    if (!this.#pumping) void this.#pump()
  }

  /** Calls back when nothing waits to be written. */
  whenIdle(callback: () => void): void {
    if (!this.#pumping && this.#batch.length === 0) callback()
    else this.#idle.push(callback)
  }

  #flushBatch(): void {
    const batch = this.#batch
    this.#batch = []
    if (batch.length > 0) this.#send(batch.length === 1 ? batch[0]! : Buffer.concat(batch), false)
    if (!this.#pumping) this.#becomeIdle()
  }

  async #pump(): Promise<void> {
    this.#pumping = true
    this.#flushBatch()
    for (let at = 0; at < this.#waiting.length && !this.#socket.destroyed; at++) {
      const { octets, sync } = this.#waiting[at]!
      if (!this.#send(octets, sync)) await this.#drained()
      else if (sync) await nextTurn()
    }
    this.#waiting.length = 0
    this.#pumping = false
    this.#becomeIdle()
  }

  #becomeIdle(): void {
    for (const callback of this.#idle.splice(0)) callback()
  }

  /** False if the socket's buffer is full. */
  #send(octets: Uint8Array, sync: boolean): boolean {
    if (this.#socket.destroyed || this.#socket.writableEnded) return true
    this.#log.written(octets, sync)
    return this.#socket.write(octets)
  }

  async #drained(): Promise<void> {
    const stop = new AbortController()
    const { signal } = stop
    const gone = once(this.#socket, 'close', { signal })
    await Promise.race([once(this.#socket, 'drain', { signal }), gone]).catch(() => undefined)
    stop.abort()
    await gone.catch(() => undefined)
  }
}
