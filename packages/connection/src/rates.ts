// How much one socket may send in a time: the buckets that its route gives it, and what to say when one is empty.

import { CloseCode, ProtocolError } from '@ws/protocol'
import { type Rate, TokenBucket } from './token-bucket.ts'

/** The rates of a route; undefined for no limit. */
export interface RateLimits {
  readonly messageRate: Rate | undefined
  readonly byteRate: Rate | undefined
  readonly pingRate: Rate | undefined
}

/** The buckets of one socket. Each method takes from one, and returns the fault (1008) when it has not enough. */
export class Rates {
  readonly #messages: TokenBucket | undefined
  readonly #bytes: TokenBucket | undefined
  readonly #pings: TokenBucket | undefined

  constructor({ messageRate, byteRate, pingRate }: RateLimits) {
    const now = performance.now()
    this.#messages = messageRate && new TokenBucket(messageRate, now)
    this.#bytes = byteRate && new TokenBucket(byteRate, now)
    this.#pings = pingRate && new TokenBucket(pingRate, now)
  }

  spendMessage(): ProtocolError | undefined {
    return spend(this.#messages, 1, 'messages')
  }

  spendBytes(count: number): ProtocolError | undefined {
    return spend(this.#bytes, count, 'bytes')
  }

  spendPing(): ProtocolError | undefined {
    return spend(this.#pings, 1, 'pings')
  }
}

/** The buckets of a socket; undefined if its route limits no rate, so that it costs nothing. */
export function createRates(limits: RateLimits): Rates | undefined {
  const { messageRate, byteRate, pingRate } = limits
  return (messageRate ?? byteRate ?? pingRate) === undefined ? undefined : new Rates(limits)
}

function spend(bucket: TokenBucket | undefined, count: number, what: string): ProtocolError | undefined {
  if (bucket === undefined || bucket.take(count, performance.now())) return undefined
  return new ProtocolError(CloseCode.policyViolation, `too many ${what} (RFC 6455 §7.4.1)`)
}
