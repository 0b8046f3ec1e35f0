// How many sockets there may be, in all and from one peer. Counts them; refuses nobody itself.

import { type Rejection, reject } from '@ws/handshake'
import { addressPrefix } from './address-prefix.ts'

/** The limits, each `Infinity` where there is none. */
export interface ConnectionLimitOptions {
  readonly maxSockets: number
  readonly maxSocketsPerAddress: number
}

/** The doorkeeper of a server. */
export class ConnectionLimits {
  readonly #limits: ConnectionLimitOptions
  readonly #perPeer = new Map<string, number>()
  /** Whether peers are counted: to tell them apart costs more than the rest (`pnpm bench handshakes`). */
  readonly #tellsPeers: boolean
  #count = 0

  constructor(limits: ConnectionLimitOptions) {
    this.#limits = limits
    this.#tellsPeers = limits.maxSocketsPerAddress !== Number.POSITIVE_INFINITY
  }

  /** Lets one in and counts it, or says how to refuse it: 503 when full, 429 when this address has enough. */
  enter(address: string): Rejection | undefined {
    if (this.#count >= this.#limits.maxSockets) {
      return reject(503, 'the server has as many connections as it takes (RFC 9110 §15.6.4)', [
        ['Retry-After', '5'],
      ])
    }
    if (this.#tellsPeers && !this.#enterPeer(addressPrefix(address))) {
      return reject(429, 'this address has as many connections as one may have (RFC 6585 §4)', [
        ['Retry-After', '5'],
      ])
    }
    this.#count++
    return undefined
  }

  /** One that had entered is gone. */
  leave(address: string): void {
    this.#count--
    if (this.#tellsPeers) this.#leavePeer(addressPrefix(address))
  }

  /** Counts one more, unless there are as many as may be. */
  #enterPeer(peer: string): boolean {
    const ofPeer = this.#perPeer.get(peer) ?? 0
    if (ofPeer >= this.#limits.maxSocketsPerAddress) return false
    this.#perPeer.set(peer, ofPeer + 1)
    return true
  }

  #leavePeer(peer: string): void {
    const ofPeer = this.#perPeer.get(peer)! - 1
    if (ofPeer === 0) this.#perPeer.delete(peer)
    else this.#perPeer.set(peer, ofPeer)
  }
}
