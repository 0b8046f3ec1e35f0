// Counts the connections, in all and from one address, against their limits, and admits none while
// the buffers of the others are above theirs.

import { type Rejection, reject } from '@ws/handshake'
import { addressGroup } from '../http/address-group.ts'

/** The limits, `Infinity` for none. */
export interface ConnectionLimitOptions {
  readonly maxSockets: number
  readonly maxSocketsPerAddress: number
}

const RETRY = [['Retry-After', '5']] as const
const OUT_OF_MEMORY = reject(503, 'too much is buffered for all connections (RFC 9110 §15.6.4)', RETRY)

/** The connections of one server. */
export class ConnectionLimits {
  readonly #limits: ConnectionLimitOptions
  readonly #budget: { readonly isExceeded: boolean }
  readonly #counts = new Map<string, number>()
  /**
   * Without a limit, addresses are not counted: that costs more than the rest (`pnpm bench
   * handshakes`).
   */
  readonly #countsAddresses: boolean
  #count = 0

  /** `budget` is that of the connections' buffers. */
  constructor(limits: ConnectionLimitOptions, budget: { readonly isExceeded: boolean }) {
    this.#limits = limits
    this.#budget = budget
    this.#countsAddresses = limits.maxSocketsPerAddress !== Number.POSITIVE_INFINITY
  }

  /**
   * Counts a connection, or returns a rejection: 503 if the server is full, 429 for this address.
   */
  enter(address: string): Rejection | undefined {
    if (this.#budget.isExceeded) return OUT_OF_MEMORY
    if (this.#count >= this.#limits.maxSockets) {
      return reject(503, 'the server has as many connections as it takes (RFC 9110 §15.6.4)', RETRY)
    }
    if (this.#countsAddresses && !this.#increment(addressGroup(address))) {
      return reject(429, 'this address has as many connections as one may have (RFC 6585 §4)', RETRY)
    }
    this.#count++
    return undefined
  }

  /** A counted connection is gone. */
  leave(address: string): void {
    this.#count--
    if (this.#countsAddresses) this.#decrement(addressGroup(address))
  }

  #increment(prefix: string): boolean {
    const count = this.#counts.get(prefix) ?? 0
    if (count >= this.#limits.maxSocketsPerAddress) return false
    this.#counts.set(prefix, count + 1)
    return true
  }

  #decrement(prefix: string): void {
    const count = this.#counts.get(prefix)! - 1
    if (count === 0) this.#counts.delete(prefix)
    else this.#counts.set(prefix, count)
  }
}
