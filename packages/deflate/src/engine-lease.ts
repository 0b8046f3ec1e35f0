// The engine of one direction of a connection, borrowed from a pool: for one message, or with
// context takeover until the connection closes.

import type { Engine, EngineOptions } from './engine.ts'
import type { EnginePool } from './engine-pool.ts'
import { SYNC_SUPPORTED } from './sync-zlib.ts'

/** Borrows an engine when it is first needed. */
export class EngineLease {
  readonly #pool: EnginePool
  readonly #contextTakeover: boolean
  #engine: Engine | undefined
  /** The engine's history differs from the peer's. */
  #isStale = false
  #isWorking = false
  #isClosed = false

  constructor(pool: EnginePool, contextTakeover: boolean) {
    this.#pool = pool
    this.#contextTakeover = contextTakeover
  }

  /** The settings of the engine, even before there is one. */
  get options(): EngineOptions {
    return this.#pool.options
  }

  /** Whether `Engine.step` can be called. */
  get isSync(): boolean {
    return this.options.sync ?? SYNC_SUPPORTED
  }

  /** No message before or after the current one shares its engine, and it has none yet. */
  get isOneShot(): boolean {
    return !this.#contextTakeover && this.#engine === undefined
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get hasEngine(): boolean {
    return this.#engine !== undefined
  }

  /** The engine. Its history is the peer's, or the latest part of it. */
  get engine(): Engine {
    this.#engine ??= this.#pool.take()
    if (this.#isStale) this.#engine.reset()
    this.#isStale = false
    return this.#engine
  }

  /** The next message cannot refer to the engine's history. */
  invalidate(): void {
    this.#isStale = this.#engine !== undefined
  }

  endMessage(): void {
    if (!this.#contextTakeover) this.#return()
  }

  /** Keeps the engine until the job is done, even if the connection closes in the meantime. */
  async during<T>(job: () => Promise<T>): Promise<T> {
    this.#isWorking = true
    try {
      return await job()
    } finally {
      this.#isWorking = false
      if (this.#isClosed) this.#return()
    }
  }

  /** The connection is closed: returns the engine now, or when its work is done. */
  close(): void {
    this.#isClosed = true
    if (!this.#isWorking) this.#return()
  }

  #return(): void {
    if (this.#engine !== undefined) this.#pool.give(this.#engine)
    this.#engine = undefined
    this.#isStale = false
  }
}
