// Runs one search at a time, because each keeps the store or this process busy. A bounded number of
// others wait.

import { RequestError } from './request-error.ts'

/** Searches that run or wait, in all and of one address. */
const MAX_SEARCHES = 32
const MAX_OF_ADDRESS = 8

/** Milliseconds after which a refused search may be tried again. */
const RETRY = 1000

interface Turn {
  readonly group: string
  readonly begun: PromiseWithResolvers<void>
}

export class Searches {
  readonly #timeout: number
  /** The first one runs. */
  readonly #turns: Turn[] = []

  /**
   * `timeout`: milliseconds until a client gets an error; the next search still waits for the end.
   */
  constructor(timeout: number) {
    this.#timeout = timeout
  }

  /** Runs a search in its turn. Rejects with a {@link RequestError} if too many wait. */
  async run<Value>(group: string, search: () => Promise<Value>): Promise<Value> {
    await this.#takeTurn(group)
    const found = search().finally(() => this.#next())
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      late.reject(new RequestError('busy', 'This search takes too long. Try other words.', { retry: RETRY }))
    }, this.#timeout)
    try {
      return await Promise.race([found, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  #takeTurn(group: string): Promise<void> {
    const ofAddress = this.#turns.filter(turn => turn.group === group).length
    if (this.#turns.length >= MAX_SEARCHES || ofAddress >= MAX_OF_ADDRESS)
      throw new RequestError('busy', 'Too many searches at once. Try again in a moment.', { retry: RETRY })
    const turn = { group, begun: Promise.withResolvers<void>() }
    this.#turns.push(turn)
    if (this.#turns.length === 1) turn.begun.resolve()
    return turn.begun.promise
  }

  #next(): void {
    this.#turns.shift()
    this.#turns[0]?.begun.resolve()
  }
}
