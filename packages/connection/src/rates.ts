// The rate limits of one socket: a token bucket for each, and the fault when it is empty.

import { ProtocolError } from '@ws/protocol'
import { type Rate, TokenBucket } from './token-bucket.ts'

/** The rates, undefined for no limit. */
export interface RateLimits {
  readonly messageRate: Rate | undefined
  readonly byteRate: Rate | undefined
  readonly pingRate: Rate | undefined
}

/**
 * The buckets of one socket. Each method takes from one, and returns a fault (1008) if it is empty.
 */
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

  takeMessage(): ProtocolError | undefined {
    return take(this.#messages, 1, 'messages')
  }

  takeBytes(count: number): ProtocolError | undefined {
    return take(this.#bytes, count, 'bytes')
  }

  takePing(): ProtocolError | undefined {
    return take(this.#pings, 1, 'pings')
  }
}

/** The buckets of a socket; undefined without a limit. */
export function createRates(limits: RateLimits): Rates | undefined {
  const { messageRate, byteRate, pingRate } = limits
  return (messageRate ?? byteRate ?? pingRate) === undefined ? undefined : new Rates(limits)
}

function take(bucket: TokenBucket | undefined, count: number, what: string): ProtocolError | undefined {
  if (bucket === undefined || bucket.take(count, performance.now())) return undefined
  return new ProtocolError(`too many ${what}`, {
    code: 'ERR_WS_RATE_LIMIT',
    closeCode: 1008,
    section: 'RFC 6455 §7.4.1',
  })
}
