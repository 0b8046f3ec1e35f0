// Idle engines, shared by all connections.

import { Engine, type EngineOptions } from './engine.ts'

/** Idle engines that are kept; others are freed. */
const MAX_IDLE = 4

export class EnginePool {
  readonly #options: EngineOptions
  readonly #maxIdle: number
  readonly #idle: Engine[] = []

  constructor(options: EngineOptions, maxIdle: number = MAX_IDLE) {
    this.#options = options
    this.#maxIdle = maxIdle
  }

  get options(): EngineOptions {
    return this.#options
  }

  get size(): number {
    return this.#idle.length
  }

  /** An engine without history. */
  take(): Engine {
    return this.#idle.pop() ?? new Engine(this.#options)
  }

  /** Takes back an engine that is not at work. */
  give(engine: Engine): void {
    if (this.#idle.length >= this.#maxIdle) {
      engine.close()
      return
    }
    engine.reset()
    this.#idle.push(engine)
  }
}
