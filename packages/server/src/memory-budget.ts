// One budget for the buffers of all connections of a server. Above it, the connections that buffer
// the most are closed. The connections report changes after each write, so that a sum is enough
// until the budget is exceeded.

/** A connection, as its budget sees it. */
export interface BudgetedConnection {
  /** Bytes when they were last counted. */
  readonly bufferedMemory: number
  /** Counts again, and reports the change. */
  countBufferedMemory(): void
  /** Closes the connection, or terminates it if the Close cannot be written. */
  closeForMemory(): void
}

/** The budget that was exceeded, and the result. */
export interface BudgetOverrun {
  /** Bytes that were buffered. */
  readonly buffered: number
  /** Number of connections that were closed. */
  readonly closed: number
}

/** The budget of some connections. */
export class MemoryBudget {
  readonly #limit: number
  readonly #connections: Iterable<BudgetedConnection>
  readonly #onOverrun: (overrun: BudgetOverrun) => void
  #buffered = 0
  #isEnforcing = false

  /** `onOverrun` is called after connections have been closed, and must not throw. */
  constructor(
    limit: number,
    connections: Iterable<BudgetedConnection>,
    onOverrun: (overrun: BudgetOverrun) => void,
  ) {
    this.#limit = limit
    this.#connections = connections
    this.#onOverrun = onOverrun
  }

  /** More is buffered than allowed. Connections are closed as soon as the running code returns. */
  get isExceeded(): boolean {
    return this.#buffered > this.#limit
  }

  /** The buffers of a connection have changed by this many bytes. */
  add(change: number): void {
    this.#buffered += change
    if (this.#buffered <= this.#limit || this.#isEnforcing) return
    this.#isEnforcing = true
    // Not at once: the connection is in the middle of a call.
    process.nextTick(() => this.#enforce())
  }

  #enforce(): void {
    // Some may have been read since they were counted.
    for (const connection of this.#connections) connection.countBufferedMemory()
    if (this.isExceeded) this.#closeHeaviest()
    this.#isEnforcing = false
  }

  #closeHeaviest(): void {
    const buffered = this.#buffered
    const heaviest = [...this.#connections]
      .filter(({ bufferedMemory }) => bufferedMemory > 0)
      .sort((one, other) => other.bufferedMemory - one.bufferedMemory)
    let closed = 0
    for (const connection of heaviest) {
      if (!this.isExceeded) break
      // The close handler of another may have closed it.
      if (connection.bufferedMemory === 0) continue
      connection.closeForMemory()
      closed++
    }
    this.#onOverrun({ buffered, closed })
  }
}
