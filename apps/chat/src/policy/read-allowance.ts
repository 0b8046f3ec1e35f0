// The bytes that a connection may be sent, by itself and together with all others of its address
// and network, on this node.

import { RateLimiter } from '@ws/server'
import type { Limits } from '../context/limits.ts'
import type { LocalAllowances } from '../engine/local-allowances.ts'
import { type Limit, ofAddress, times } from './rate-limits.ts'

/** The share of one connection in the burst and in the steady rate of its address. */
const BURST_SHARE = 1 / 8
const RATE_SHARE = 1 / 4

/** The connection whose bytes are counted. */
interface Reader {
  readonly addressGroup: string
  readonly network: string
}

/** The parts of a node that it needs. */
interface Counter {
  readonly allowances: LocalAllowances
  readonly limits: Pick<Limits, 'reads'>
}

export class ReadAllowance {
  readonly #shared: readonly Limit[]
  readonly #allowances: LocalAllowances
  readonly #ofConnection: RateLimiter

  /** `read`: for replies. `sync`: for missed entries. */
  constructor(kind: 'read' | 'sync', reader: Reader, { allowances, limits: { reads } }: Counter) {
    this.#shared = ofAddress(kind, reads, reader)
    this.#allowances = allowances
    const { burst } = times(BURST_SHARE, reads)
    const { perSecond } = times(RATE_SHARE, reads)
    this.#ofConnection = new RateLimiter({ burst: Math.ceil(burst), perSecond })
  }

  /** Milliseconds until something may be sent; 0 for now. */
  wait(): number {
    if (!this.#ofConnection.take()) return this.#ofConnection.wait
    for (const limit of this.#shared) {
      const wait = this.#allowances.takeNow(...limit)
      if (wait > 0) return wait
    }
    return 0
  }

  /**
   * Pays for bytes: their number may be known only when they are sent, and a debt is paid before
   * the next ones.
   */
  charge(bytes: number): void {
    this.#ofConnection.charge(bytes)
    for (const limit of this.#shared) this.#allowances.charge(...limit, bytes)
  }
}
