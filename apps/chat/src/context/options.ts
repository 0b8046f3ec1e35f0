// What a chat node can be told, and the times and numbers it keeps to. Reads no command line.

import type { Rate, ServerOptions } from '@ws/server'
import type { Engine } from '../engine/engine.ts'
import type { Log } from '../logging/log.ts'
import { HEARTBEAT, HELLO_TIMEOUT, TYPING_INTERVAL, TYPING_TIMEOUT } from '../wire/constants.ts'
import type { Limits } from './limits.ts'

/** How a chat node is run. What has no comment here is handed to the `WebSocketServer` as it is. */
export interface ChatOptions
  extends Pick<
    ServerOptions,
    'origin' | 'hosts' | 'maxSockets' | 'maxSocketsPerAddress' | 'trustProxy' | 'http' | 'extensions'
  > {
  /** Not started. The chat starts it, and ends it when it closes. */
  readonly engine: Engine
  /** Whether a nick is enough, or a password is needed. */
  readonly auth: 'guest' | 'register'
  /** Nicks of registered users who may moderate every room, beside the admins that the engine knows. */
  readonly admins?: readonly string[]
  /** How often one connection may write; 5 at once, then 2 a second. */
  readonly writeRate?: Rate
  /** Other limits than usual for addresses and accounts; `addressWrites` grows with `writeRate`. */
  readonly limits?: Partial<Limits>
  readonly log?: Log
  /** The time in milliseconds since 1970; `Date.now`. */
  readonly now?: () => number
  /** Other times than usual, for tests. */
  readonly times?: Partial<Times>
}

/** All in milliseconds. */
export interface Times {
  /** For the first `hello`. */
  readonly hello: number
  /** For an operation of the engine; then the client is told to try again. */
  readonly engine: number
  /** For one search. */
  readonly search: number
  /** In which a slow reader must have taken what waits for it. */
  readonly slow: number
  /** Between two looks at a log that could not be read. */
  readonly retry: number
  /** In which comings and goings are gathered. */
  readonly presence: number
  /** Between two reports to the engine of who is here. */
  readonly beat: number
  /** From the end of somebody's last connection to a room until he is said to have left it. */
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
  /** From then on, how long a guest is kept who has never written anything. Longer than `renew`. */
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

/** Refused writes that one connection may collect before it is told to go. */
export const REFUSAL_RATE: Rate = { perSecond: 0.5, burst: 20 }

/** Characters of stored text after which a page of a log, or of the list of rooms, ends. */
export const PAGE_SIZE = 64 * 1024

/** Bytes that may wait for one connection; above that it is not pushed to, but served from the log as it reads. */
export const HIGH_WATER_MARK = 64 * 1024
