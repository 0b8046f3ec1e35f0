// Engines that nobody uses, and the use that one direction of a connection makes of one. Nothing here is held by a connection
// between two messages, unless they may refer to each other.

import { DIRECT } from './direct.ts'
import { Engine, type EngineOptions } from './engine.ts'

/** So many engines are kept for the next who need one; those beyond are freed. */
const KEPT = 4

/** Engines of one kind, lent for a message. */
export class Pool {
  readonly #options: EngineOptions
  readonly #kept: number
  readonly #idle: Engine[] = []

  constructor(options: EngineOptions, kept: number = KEPT) {
    this.#options = options
    this.#kept = kept
  }

  /** What its engines are made with. */
  get options(): EngineOptions {
    return this.#options
  }

  /** Engines that are kept and not lent. */
  get size(): number {
    return this.#idle.length
  }

  /** One that has seen nothing. */
  take(): Engine {
    return this.#idle.pop() ?? new Engine(this.#options)
  }

  /** Takes back one that is not at work. */
  give(engine: Engine): void {
    if (this.#idle.length >= this.#kept) {
      engine.close()
      return
    }
    engine.reset()
    this.#idle.push(engine)
  }
}

/** The engine of one direction of a connection, from when it is first needed. */
export class Use {
  readonly #pool: Pool
  /** Whether messages may refer to those before them. */
  readonly #lasts: boolean
  #engine: Engine | undefined
  /** What it has seen is not what the peer will have seen. */
  #stale = false
  #atWork = false
  #closed = false

  constructor(pool: Pool, lasts: boolean) {
    this.#pool = pool
    this.#lasts = lasts
  }

  /** What the engine is made with, though there may be none. */
  get options(): EngineOptions {
    return this.#pool.options
  }

  /** Whether the engine can work at once. */
  get isDirect(): boolean {
    return this.options.direct ?? DIRECT
  }

  /** Whether it stays from message to message. */
  get lasts(): boolean {
    return this.#lasts
  }

  /** The connection is over. */
  get closed(): boolean {
    return this.#closed
  }

  /** An engine is held. */
  get holds(): boolean {
    return this.#engine !== undefined
  }

  /** The engine, which has seen what the peer has seen, or less. */
  get engine(): Engine {
    this.#engine ??= this.#pool.take()
    if (this.#stale) this.#engine.reset()
    this.#stale = false
    return this.#engine
  }

  /** The next message cannot refer to what the engine has seen. */
  forget(): void {
    this.#stale = this.#engine !== undefined
  }

  /** The message is over. */
  end(): void {
    if (!this.#lasts) this.#letGo()
  }

  /** Keeps the engine until the job is done, whatever becomes of the connection meanwhile. */
  async during<T>(job: () => Promise<T>): Promise<T> {
    this.#atWork = true
    try {
      return await job()
    } finally {
      this.#atWork = false
      if (this.#closed) this.#letGo()
    }
  }

  /** The connection is over: gives the engine back, now or when its work is done. */
  close(): void {
    this.#closed = true
    if (!this.#atWork) this.#letGo()
  }

  #letGo(): void {
    if (this.#engine !== undefined) this.#pool.give(this.#engine)
    this.#engine = undefined
    this.#stale = false
  }
}
