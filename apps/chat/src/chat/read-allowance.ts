// The bytes that a connection may be sent for what it asks, by itself and together with all others of its address, on this node.

import type { Rate } from '@ws/server'
import { Allowance } from '../engine/allowance.ts'
import type { AllowanceKind } from '../engine/engine.ts'
import type { LocalAllowances } from '../engine/local-allowances.ts'

/** One connection has this part of what its address has. */
const BURST_SHARE = 1 / 8
const RATE_SHARE = 1 / 4

export class ReadAllowance {
  readonly #kind: AllowanceKind
  readonly #group: string
  readonly #rate: Rate
  readonly #ofAddress: LocalAllowances
  readonly #ofConnection: Allowance

  /** `rate`: bytes of all connections of the address `group`. */
  constructor(kind: AllowanceKind, group: string, rate: Rate, ofAddress: LocalAllowances) {
    this.#kind = kind
    this.#group = group
    this.#rate = rate
    this.#ofAddress = ofAddress
    const { burst, perSecond } = rate
    const share = { burst: burst * BURST_SHARE, perSecond: perSecond * RATE_SHARE }
    this.#ofConnection = new Allowance(share, performance.now())
  }

  /** Milliseconds until something may be sent; 0 for now. */
  wait(): number {
    const ofConnection = this.#ofConnection.take(performance.now())
    return ofConnection > 0 ? ofConnection : this.#ofAddress.takeNow(this.#kind, this.#group, this.#rate)
  }

  /** Pays for bytes: their number may be known only when they are sent, and a debt is paid before the next ones. */
  charge(bytes: number): void {
    this.#ofConnection.charge(performance.now(), bytes)
    this.#ofAddress.charge(this.#kind, this.#group, this.#rate, bytes)
  }
}
