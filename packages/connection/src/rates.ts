// The rate limits of one connection: a token bucket for each.

import { ProtocolError } from '@ws/protocol'
import { type Rate, RateLimiter } from './rate-limiter.ts'

/** The rates, undefined for no limit. */
export interface RateLimits {
  readonly messageRate: Rate | undefined
  readonly byteRate: Rate | undefined
  readonly pingRate: Rate | undefined
}

/** The buckets of one connection. Each method takes from one, and returns false if it is empty. */
export class Rates {
  readonly #messages: RateLimiter | undefined
  readonly #bytes: RateLimiter | undefined
  readonly #pings: RateLimiter | undefined
  #fault: ProtocolError | undefined

  constructor({ messageRate, byteRate, pingRate }: RateLimits) {
    const now = performance.now()
    this.#messages = messageRate && new RateLimiter(messageRate, now)
    this.#bytes = byteRate && new RateLimiter(byteRate, now)
    this.#pings = pingRate && new RateLimiter(pingRate, now)
  }

  /** The first limit that was exceeded, as a fault with close code 1008. */
  get fault(): ProtocolError | undefined {
    return this.#fault
  }

  takeMessage(): boolean {
    return this.#take(this.#messages, 1, 'messages')
  }

  /** Also returns false once any limit has been exceeded: no further input is accepted. */
  takeBytes(count: number): boolean {
    return this.#fault === undefined && this.#take(this.#bytes, count, 'bytes')
  }

  takePing(): boolean {
    return this.#take(this.#pings, 1, 'pings')
  }

  #take(bucket: RateLimiter | undefined, count: number, unit: string): boolean {
    if (bucket === undefined || bucket.take(count, performance.now())) return true
    this.#fault ??= new ProtocolError(`too many ${unit}`, {
      code: 'ERR_WS_RATE_LIMIT',
      closeCode: 1008,
      section: 'RFC 6455 §7.4.1',
    })
    return false
  }
}

/** The buckets of a connection; undefined without a limit. */
export function createRates(limits: RateLimits): Rates | undefined {
  const { messageRate, byteRate, pingRate } = limits
  return (messageRate ?? byteRate ?? pingRate) === undefined ? undefined : new Rates(limits)
}
