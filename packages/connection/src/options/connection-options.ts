// The options of a connection, for servers and clients alike.

import { checkLimits, DEFAULT_LIMITS, type Limits } from '@ws/protocol'
import { checkRate, type Rate } from '../rate-limiter.ts'
import { checkCount, checkFlag, checkTimeout } from './check.ts'
import { defaultsOf, type Option, type OptionsOf, type SettingsOf } from './option.ts'

/** The table of a connection's options. */
export class ConnectionOptionTable {
  /**
   * Bytes of the largest message to receive, after decompression; a larger one closes with 1009. At
   * most 536,870,888, the longest string.
   */
  readonly maxMessageSize: Option<number> = limit('maxMessageSize')
  /** Frames that one message may consist of, empty ones included; more close with 1008. */
  readonly maxFragments: Option<number> = limit('maxFragments')
  /**
   * Milliseconds from the first byte of a message to its last; then 1008. A streamed message has
   * this long for each piece.
   */
  readonly messageTimeout: Option<number> = limit('messageTimeout')
  /** Bytes of the largest message that `stream` receives; a larger one closes with 1009. */
  readonly maxStreamSize: Option<number> = count(2 ** 30)
  /** Buffered bytes from which on `send` returns false; it still sends: wait for `ready`. */
  readonly highWaterMark: Option<number> = count(64 * 1024)
  /**
   * Bytes that may wait behind the current write; the next `send` or `ping` terminates the
   * connection. A single larger message is accepted when nothing is buffered.
   */
  readonly maxBufferedAmount: Option<number> = count(16 * 2 ** 20)
  /** Milliseconds in which the peer must accept some of the data queued for it; then terminated. */
  readonly writeTimeout: Option<number> = timeout(20_000)
  /** Milliseconds of silence, ± 10 %, after which the peer is pinged. `Infinity` disables pings. */
  readonly pingInterval: Option<number> = timeout(25_000)
  /** Milliseconds in which anything must be received after a ping; then terminated. */
  readonly pongTimeout: Option<number> = timeout(20_000)
  /**
   * Milliseconds for the peer to answer a Close, and then to end the transport; then terminated.
   */
  readonly closeTimeout: Option<number> = limit('closeTimeout')
  /** Whether pings are answered; otherwise the `ping` handler must call `socket.pong`. */
  readonly autoPong: Option<boolean> = flag(true)
  /**
   * Whether `message` and sessions get texts as bytes of valid UTF-8. The third argument of
   * `message` tells them from binary messages; `stream` and formats still get strings.
   */
  readonly textAsBytes: Option<boolean> = flag(false)
  /** Messages that one socket may send, `{ perSecond, burst }`; more close with 1008. */
  readonly messageRate: Option<Rate, Rate | undefined> = rate()
  /** Bytes that one socket may send, `{ perSecond, burst }`; more close with 1008. */
  readonly byteRate: Option<Rate, Rate | undefined> = rate()
  /** Pings that one socket may send, `{ perSecond, burst }`; more close with 1008. */
  readonly pingRate: Option<Rate, Rate | undefined> = rate()
}

/** The options of a connection. */
export type ConnectionOptions = OptionsOf<ConnectionOptionTable>

/** The options of a connection, complete. */
export type ConnectionSettings = SettingsOf<ConnectionOptionTable>

/** The table. */
export const CONNECTION_OPTIONS: ConnectionOptionTable = new ConnectionOptionTable()

/** The settings of a connection without options. */
export const DEFAULT_CONNECTION_SETTINGS: ConnectionSettings = defaultsOf(CONNECTION_OPTIONS)

/**
 * The shortest deadline of a connection, in milliseconds: what its clock must be precise enough
 * for.
 */
export function shortestDeadline(settings: ConnectionSettings): number {
  const { closeTimeout, messageTimeout, writeTimeout, pingInterval, pongTimeout } = settings
  return Math.min(closeTimeout, messageTimeout, writeTimeout, pingInterval, pongTimeout)
}

const LIMITS = new WeakMap<ConnectionSettings, Limits>()

/** The settings that are limits of the protocol. */
export function limitsOf(settings: ConnectionSettings): Limits {
  const known = LIMITS.get(settings)
  if (known !== undefined) return known
  const { maxMessageSize, maxFragments, messageTimeout, closeTimeout } = settings
  const limits = checkLimits({ maxMessageSize, maxFragments, messageTimeout, closeTimeout })
  LIMITS.set(settings, limits)
  return limits
}

/** An option that the protocol has and checks. */
function limit(name: keyof Limits): Option<number> {
  return { default: DEFAULT_LIMITS[name], validate: (_, value) => checkLimits({ [name]: value })[name] }
}

function count(defaultValue: number): Option<number> {
  return { default: defaultValue, validate: checkCount }
}

function timeout(defaultValue: number): Option<number> {
  return { default: defaultValue, validate: checkTimeout }
}

function flag(defaultValue: boolean): Option<boolean> {
  return { default: defaultValue, validate: checkFlag }
}

function rate(): Option<Rate, Rate | undefined> {
  return { default: undefined, validate: checkRate }
}
