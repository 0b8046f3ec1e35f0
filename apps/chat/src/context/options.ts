// The options of a chat process, its times and its rates. Independent of the command line.

import type { Rate, ServerOptions } from '@ws/server'
import type { Engine } from '../engine/engine.ts'
import type { Log } from '../logging/log.ts'
import { HEARTBEAT, HELLO_TIMEOUT, TYPING_INTERVAL, TYPING_TIMEOUT } from '../wire/constants.ts'
import type { Limits } from './limits.ts'

/** The options of a chat process. Those without a comment are options of the `WebSocketServer`. */
export interface ChatOptions
  extends Pick<
    ServerOptions,
    'origin' | 'hosts' | 'maxSockets' | 'maxSocketsPerAddress' | 'trustProxy' | 'http' | 'extensions'
  > {
  /** Not started. The chat starts it, and ends it when it closes. */
  readonly engine: Engine
  /** `guest`: a name is enough. `register`: a password is needed. */
  readonly auth: 'guest' | 'register'
  /** Names of registered users who may moderate every room, besides the admins in the store. */
  readonly admins?: readonly string[]
  /** The write rate of one connection: 5 at once, then 2 a second. */
  readonly writeRate?: Rate
  /** Other limits than usual for addresses and accounts; `addressWrites` grows with `writeRate`. */
  readonly limits?: Partial<Limits>
  readonly log?: Log
  /** The time in milliseconds since 1970; `Date.now`. */
  readonly now?: () => number
  /** Overrides of the default times, for tests. */
  readonly times?: Partial<Times>
}

/** All in milliseconds. */
export interface Times {
  /** For the first `hello`. */
  readonly hello: number
  /** For an operation of the engine; after that the client gets a temporary error. */
  readonly engine: number
  /** For one search. */
  readonly search: number
  /** In which a slow reader must have taken its unsent messages. */
  readonly slow: number
  /** Between two looks at a log that could not be read. */
  readonly retry: number
  /** In which comings and goings are gathered. */
  readonly presence: number
  /** Between two presence reports to the engine. */
  readonly beat: number
  /** From the end of a user's last connection to a room until they are reported to have left it. */
  readonly grace: number
  /** Between two "typing" of one user in one room, and until it is forgotten. */
  readonly typing: number
  readonly typed: number
  /** Shortest time for which a list of all rooms is kept. */
  readonly directory: number
  /** Between two removals of expired sessions and unused rooms. */
  readonly sweep: number
  /** After which an empty room without messages is removed. */
  readonly unused: number
  /** Between two renewals of the session of a connected user. */
  readonly renew: number
  /** From then on, the lifetime of a guest who has never written. Longer than `renew`. */
  readonly silent: number
  /** Of silence until a peer is pinged; until it must have answered. */
  readonly ping: number
  readonly pong: number
}

export const TIMES: Times = {
  hello: HELLO_TIMEOUT,
  engine: 2000,
  search: 3000,
  slow: 60_000,
  retry: 500,
  presence: 1000,
  beat: 10_000,
  grace: 15_000,
  typing: TYPING_INTERVAL,
  typed: TYPING_TIMEOUT,
  directory: 1000,
  sweep: 600_000,
  unused: 24 * 3_600_000,
  renew: 900_000,
  silent: 3_600_000,
  ping: HEARTBEAT,
  pong: 20_000,
}

export const WRITE_RATE: Rate = { perSecond: 2, burst: 5 }

/** Messages of any kind that one connection may send. */
export const FRAME_RATE: Rate = { perSecond: 20, burst: 40 }

/** Refused writes of one connection before it is closed. */
export const REFUSAL_RATE: Rate = { perSecond: 0.5, burst: 20 }

/** Characters of stored text after which a page of a log, or of the list of rooms, ends. */
export const PAGE_SIZE = 64 * 1024

/**
 * Bytes that may wait for one connection; above that it is not pushed to, but served from the log
 * as it reads.
 */
export const HIGH_WATER_MARK = 64 * 1024
