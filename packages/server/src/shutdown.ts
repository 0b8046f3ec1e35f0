// Shuts down the sockets of a server: closes them a batch at a time, waits for them, and terminates
// those that are left when the time is up.

import type { Connection, ConnectionSet } from '@ws/connection'
import { checkCount, checkDelay, checkNames } from '@ws/connection/internal'
import { CloseCode, WebSocketError, writeClosePayload } from '@ws/protocol'
import type { Socket } from './socket.ts'

/** Options of `close`. */
export interface CloseOptions {
  /**
   * The close code for the sockets; 1001, "going away" (RFC 6455 §7.4.1). 1012 tells clients to
   * come back.
   */
  readonly code?: number
  /** At most 123 bytes of UTF-8; empty by default. */
  readonly reason?: string
  /** Milliseconds, after the delay, after which the remaining sockets are terminated; 10,000. */
  readonly timeout?: number
  /**
   * Milliseconds in which the server still accepts sockets while its `state` is `closing`, so that
   * a load balancer can see a failing readiness probe first; 0.
   */
  readonly delay?: number
  /**
   * Closes `size` sockets at a time, `interval` milliseconds apart, so that clients do not all come
   * back at once. By default all are closed together.
   */
  readonly batch?: { readonly size: number; readonly interval: number }
}

/** The options of a shutdown, complete. */
export interface ShutdownPlan {
  readonly code: number
  readonly reason: string
  /** Milliseconds before it begins. */
  readonly delay: number
  /** Milliseconds for all of them. */
  readonly timeout: number
  /** Sockets to close at a time, and milliseconds between two batches. */
  readonly batch: { readonly size: number; readonly interval: number }
}

/** The result of a shutdown. */
export interface ShutdownReport {
  /** Sockets that were open or closing when it began. */
  readonly closed: number
  /** Of those, how many were terminated. */
  readonly terminated: number
  /** Milliseconds that it took, without the delay. */
  readonly duration: number
}

/** Ends these connections, which their owner removes from the list as they close. */
export class Shutdown {
  readonly #connections: ConnectionSet<Connection<Socket>>
  readonly #sessions: ReadonlySet<Promise<void>>
  readonly #plan: ShutdownPlan
  readonly #done = Promise.withResolvers<void>()
  readonly #timedOut = Promise.withResolvers<void>()
  #terminated = 0

  /** `sessions` are those that have not returned. */
  constructor(
    connections: ConnectionSet<Connection<Socket>>,
    sessions: ReadonlySet<Promise<void>>,
    plan: ShutdownPlan,
  ) {
    this.#connections = connections
    this.#sessions = sessions
    this.#plan = plan
  }

  /** Resolves when all connections are gone and all sessions have returned, or the time is up. */
  async run(): Promise<ShutdownReport> {
    const start = performance.now()
    const connections = [...this.#connections]
    const timer = setTimeout(() => this.#terminate(), this.#plan.timeout)
    const stopClosing = this.#closeInBatches(connections)
    this.connectionGone()
    await this.#done.promise
    // A session may have work left after its loop.
    await Promise.race([Promise.all(this.#sessions), this.#timedOut.promise])
    clearTimeout(timer)
    stopClosing()
    const duration = performance.now() - start
    return { closed: connections.length, terminated: this.#terminated, duration }
  }

  /** Must be called after a connection has been removed from the list. */
  connectionGone(): void {
    if (this.#connections.size === 0) this.#done.resolve()
  }

  /** Closes one batch after the other. Call the result to stop. */
  #closeInBatches(connections: readonly Connection<Socket>[]): () => void {
    const { code, reason, batch } = this.#plan
    let next = 0
    const closeBatch = () => {
      const end = Math.min(connections.length, next + batch.size)
      while (next < end) connections[next++]!.closeWhenIdle(code, reason)
      if (next === connections.length) clearInterval(timer)
    }
    const timer = setInterval(closeBatch, batch.interval)
    closeBatch()
    return () => clearInterval(timer)
  }

  #terminate(): void {
    this.#timedOut.resolve()
    const { code, reason, timeout } = this.#plan
    for (const connection of this.#connections) {
      this.#terminated++
      const cause = new WebSocketError(`the server closed, and gave its sockets ${timeout} ms to do so`, {
        code: 'ERR_WS_SHUTDOWN_TIMEOUT',
        closeCode: CloseCode.abnormal,
      })
      connection.closeNow(code, reason, cause)
    }
  }
}

/** Completes the options. Throws a `TypeError` or a `RangeError` that says what is accepted. */
export function resolveCloseOptions(options: CloseOptions): ShutdownPlan {
  checkNames(options, ['code', 'reason', 'timeout', 'delay', 'batch'])
  const { code = CloseCode.goingAway, reason = '', timeout = 10_000, delay = 0, batch } = options
  if (batch !== undefined) checkNames(batch, ['size', 'interval'])
  const { size = Number.POSITIVE_INFINITY, interval = 0 } = batch ?? {}
  writeClosePayload(code, reason)
  return {
    code,
    reason,
    timeout: checkDelay('timeout', timeout),
    delay: checkDelay('delay', delay),
    batch: { size: checkCount('batch.size', size), interval: checkDelay('batch.interval', interval) },
  }
}
