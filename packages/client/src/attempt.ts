// One attempt to open a connection: its deadline, the caller's signal, and the transports that are
// released when it fails, whatever it is waiting for.

import type { Duplex } from 'node:stream'
import { ConnectError } from './errors.ts'

/** An attempt. Call `succeed` or `fail` at its end. */
export class Attempt {
  readonly #controller = new AbortController()
  readonly #transports = new Set<Duplex>()
  readonly #callerSignal: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout

  /** Begins. Throws the reason of a signal that is already aborted. */
  constructor(timeout: number, callerSignal: AbortSignal | undefined) {
    callerSignal?.throwIfAborted()
    this.#callerSignal = callerSignal
    callerSignal?.addEventListener('abort', this.#onAbort)
    this.#timer = setTimeout(() => this.#abort(timeoutError(timeout)), timeout)
  }

  /** Aborted by the caller and at the deadline. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether the caller has aborted. */
  get isCanceled(): boolean {
    return this.#callerSignal?.aborted ?? false
  }

  /** Destroys this transport if the attempt fails. Its errors do not reach the process. */
  own<T extends Duplex>(transport: T): T {
    transport.on('error', ignore)
    if (this.signal.aborted) transport.destroy()
    else this.#transports.add(transport)
    return transport
  }

  /** Waits for a promise until the attempt is aborted. */
  async within<T>(promise: PromiseLike<T> | T): Promise<T> {
    const { signal } = this
    signal.throwIfAborted()
    const aborted = Promise.withResolvers<never>()
    const onAbort = (): void => aborted.reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    try {
      return await Promise.race([promise, aborted.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Waits until a transport emits `event`. Rejects with its error if it closes before. */
  async until(transport: Duplex, event: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onClose = (): void => reject(transport.errored ?? new Error('the connection was closed'))
    transport.on(event, resolve)
    transport.on('close', onClose)
    try {
      if (transport.destroyed) onClose()
      await promise
    } finally {
      transport.off(event, resolve)
      transport.off('close', onClose)
    }
  }

  /** The connection is open: its transport is no longer destroyed. */
  succeed(): void {
    this.#end()
    this.#transports.clear()
  }

  /** Destroys the transports. */
  fail(): void {
    this.#end()
    this.#destroyTransports()
  }

  readonly #onAbort = (): void => this.#abort(this.#callerSignal!.reason)

  #abort(reason: unknown): void {
    this.#controller.abort(reason)
    this.#destroyTransports()
  }

  #destroyTransports(): void {
    for (const transport of this.#transports) transport.destroy()
    this.#transports.clear()
  }

  #end(): void {
    clearTimeout(this.#timer)
    this.#callerSignal?.removeEventListener('abort', this.#onAbort)
  }
}

function timeoutError(timeout: number): ConnectError {
  return new ConnectError(`the connection was not open within ${timeout} ms`, {
    code: 'ERR_WS_HANDSHAKE_TIMEOUT',
  })
}

function ignore(): void {}
