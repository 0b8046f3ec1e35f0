// The queue for hashing passwords, shared fairly between client addresses.

/** Too many passwords are waiting to be hashed. */
export class Busy extends Error {
  override readonly name = 'Busy'
}

/** Hashed at a time: each takes a thread of libuv's pool of four, and 32 MiB. */
const AT_A_TIME = 2

/**
 * Waiting, of known and of other addresses each: an office of a hundred people that sign in at once
 * waits for six seconds.
 */
const MOST_WAITING = 128

/**
 * Runs a bounded number of tasks at a time. The addresses with waiting tasks take turns, so that an
 * address with many delays another with one by one task only. Tasks from addresses that are known
 * to their account go before all others.
 */
export class PasswordQueue {
  readonly #known = new Line()
  readonly #others = new Line()
  #running = 0

  /**
   * Resolves with the result of `work`. Rejects with {@link Busy} if the queue is full and no
   * address has more in it than `address`, also when that becomes so during the wait.
   */
  async run<Result>(address: string, isKnown: boolean, work: () => Promise<Result>): Promise<Result> {
    if (this.#running < AT_A_TIME) this.#running++
    else await (isKnown ? this.#known : this.#others).wait(address)
    try {
      return await work()
    } finally {
      const next = this.#known.take() ?? this.#others.take()
      if (next) next.begin()
      else this.#running--
    }
  }
}

interface Waiting {
  begin(): void
  reject(error: Busy): void
}

/** Those that wait, by address; the address at the front is next. */
class Line {
  readonly #byAddress = new Map<string, Waiting[]>()
  #size = 0

  wait(address: string): Promise<void> {
    return new Promise((begin, reject) => {
      const waiting = this.#byAddress.get(address) ?? []
      if (this.#size >= MOST_WAITING && !this.#makeRoom(waiting.length)) {
        reject(busy())
        return
      }
      waiting.push({ begin, reject })
      this.#byAddress.set(address, waiting)
      this.#size++
    })
  }

  /** Removes the next one, and moves its address to the back. */
  take(): Waiting | undefined {
    const [front] = this.#byAddress
    if (front === undefined) return undefined
    const [address, waiting] = front
    const next = waiting.shift()
    this.#size--
    this.#byAddress.delete(address)
    if (waiting.length > 0) this.#byAddress.set(address, waiting)
    return next
  }

  /** Refuses the newest of the address with most in the line, if that is more than `count`. */
  #makeRoom(count: number): boolean {
    let most: Waiting[] = []
    for (const waiting of this.#byAddress.values()) if (waiting.length > most.length) most = waiting
    // The newcomer makes one more.
    if (most.length <= count + 1) return false
    most.pop()!.reject(busy())
    this.#size--
    return true
  }
}

function busy(): Busy {
  return new Busy('Too many people are signing in right now. Try again in a moment.')
}
