// The end of all sockets of a server: asked to close a batch at a time, waited for, and torn down when their time is up.

import type { SlotList } from '@ws/connection'
import type { Connection } from './connection.ts'

/** How to end them. */
export interface ShutdownPlan {
  readonly code: number
  readonly reason: string
  /** Milliseconds for all of them. */
  readonly timeout: number
  /** How many are asked at a time, and how many milliseconds lie between two batches. */
  readonly batch: { readonly size: number; readonly interval: number }
}

/** How it went. */
export interface DrainReport {
  /** Sockets that there were. */
  readonly sockets: number
  /** Of those, how many had to be torn down. */
  readonly terminated: number
  /** Milliseconds that it took. */
  readonly duration: number
}

/** Ends these connections, which are taken off the list when they have gone; `look` is to be called after each. */
export class Drain {
  readonly #connections: SlotList<Connection>
  readonly #sessions: ReadonlySet<Promise<void>>
  readonly #plan: ShutdownPlan
  readonly #done = Promise.withResolvers<void>()
  readonly #late = Promise.withResolvers<void>()
  #terminated = 0

  /** `sessions` are those that have not returned. */
  constructor(connections: SlotList<Connection>, sessions: ReadonlySet<Promise<void>>, plan: ShutdownPlan) {
    this.#connections = connections
    this.#sessions = sessions
    this.#plan = plan
  }

  /** Resolves when all have gone. */
  async run(): Promise<DrainReport> {
    const start = performance.now()
    const sockets = [...this.#connections]
    const limit = setTimeout(() => this.#tearDown(), this.#plan.timeout)
    const stopAsking = this.#ask(sockets)
    this.look()
    await this.#done.promise
    // A session may have something left to do when its loop has ended.
    await Promise.race([Promise.all(this.#sessions), this.#late.promise])
    clearTimeout(limit)
    stopAsking()
    return { sockets: sockets.length, terminated: this.#terminated, duration: performance.now() - start }
  }

  /** One of them has gone. */
  look(): void {
    if (this.#connections.size === 0) this.#done.resolve()
  }

  /** Asks a batch after the other; the function that is returned stops it. */
  #ask(connections: readonly Connection[]): () => void {
    const { code, reason, batch } = this.#plan
    let asked = 0
    const askNext = () => {
      const until = Math.min(connections.length, asked + batch.size)
      while (asked < until) connections[asked++]!.closeWhenIdle(code, reason)
      if (asked === connections.length) clearInterval(timer)
    }
    const timer = setInterval(askNext, batch.interval)
    askNext()
    return () => clearInterval(timer)
  }

  #tearDown(): void {
    this.#late.resolve()
    const { code, reason, timeout } = this.#plan
    for (const connection of this.#connections) {
      this.#terminated++
      connection.dismiss(
        code,
        reason,
        new Error(`the server closed, and gave its sockets ${timeout} ms to do so`),
      )
    }
  }
}
