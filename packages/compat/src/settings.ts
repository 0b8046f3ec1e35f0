// The settings of a connection for the options of a program that was written for `ws`.

import { type ConnectionSettings, DEFAULT_CONNECTION_SETTINGS } from '@ws/connection'
import { CONNECTION_OPTIONS, resolveOptions } from '@ws/connection/internal'
import type { CommonOptions } from './options.ts'

/** The largest message that `@ws/protocol` receives: the longest string. */
const MAX_MESSAGE_SIZE = 2 ** 29 - 24
const MAX_FRAGMENTS = 2 ** 31 - 1

/** The default of `maxPayload`: 100 MiB. */
export const MAX_PAYLOAD: number = 100 * 2 ** 20
/** The default of `closeTimeout`. */
export const CLOSE_TIMEOUT = 30_000

/** The defaults that an unmodified program tolerates: wider than those of `@ws/connection`. */
const DEFAULTS: ConnectionSettings = {
  ...DEFAULT_CONNECTION_SETTINGS,
  textAsBytes: true,
  closeTimeout: CLOSE_TIMEOUT,
  maxFragments: 16_384,
  maxBufferedAmount: Number.POSITIVE_INFINITY,
  messageTimeout: 600_000,
  pongTimeout: 60_000,
  writeTimeout: 120_000,
}

/** Throws a `TypeError` or a `RangeError` for an option of a connection that is out of range. */
export function settingsOf(options: CommonOptions): ConnectionSettings {
  const { pingInterval, pongTimeout, writeTimeout, messageTimeout, maxBufferedAmount } = options
  const { autoPong, closeTimeout, maxFragments, maxPayload } = options
  const given = {
    pingInterval,
    pongTimeout,
    writeTimeout,
    messageTimeout,
    maxBufferedAmount,
    autoPong: autoPong ?? true,
    closeTimeout: closeTimeout === undefined ? CLOSE_TIMEOUT : Math.max(1, closeTimeout),
    maxFragments: maxFragments === undefined ? DEFAULTS.maxFragments : limit(maxFragments, MAX_FRAGMENTS),
    maxMessageSize: limit(maxPayload ?? 0, MAX_MESSAGE_SIZE),
  }
  return resolveOptions(CONNECTION_OPTIONS, given as never, DEFAULTS)
}

/** 0 is no limit in `ws`. */
function limit(value: number, max: number): number {
  return value > 0 ? Math.min(Math.ceil(value), max) : max
}
