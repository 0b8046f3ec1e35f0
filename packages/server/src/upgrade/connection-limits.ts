// Counts the connections, in all and from one address, against their limits.

import { type Rejection, reject } from '@ws/handshake'
import { addressPrefix } from '../http/address-prefix.ts'

/** The limits, `Infinity` for none. */
export interface ConnectionLimitOptions {
  readonly maxSockets: number
  readonly maxSocketsPerAddress: number
}

/** The connections of one server. */
export class ConnectionLimits {
  readonly #limits: ConnectionLimitOptions
  readonly #counts = new Map<string, number>()
  /**
   * Without a limit, addresses are not counted: that costs more than the rest (`pnpm bench
   * handshakes`).
   */
  readonly #countsAddresses: boolean
  #count = 0

  constructor(limits: ConnectionLimitOptions) {
    this.#limits = limits
    this.#countsAddresses = limits.maxSocketsPerAddress !== Number.POSITIVE_INFINITY
  }

  /**
   * Counts a connection, or returns a rejection: 503 if the server is full, 429 for this address.
   */
  enter(address: string): Rejection | undefined {
    if (this.#count >= this.#limits.maxSockets) {
      return reject(503, 'the server has as many connections as it takes (RFC 9110 §15.6.4)', [
        ['Retry-After', '5'],
      ])
    }
    if (this.#countsAddresses && !this.#increment(addressPrefix(address))) {
      return reject(429, 'this address has as many connections as one may have (RFC 6585 §4)', [
        ['Retry-After', '5'],
      ])
    }
    this.#count++
    return undefined
  }

  /** A counted connection is gone. */
  leave(address: string): void {
    this.#count--
    if (this.#countsAddresses) this.#decrement(addressPrefix(address))
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
