// The options of permessage-deflate, their defaults and checks.

import { checkNames } from '@ws/protocol'
import { MAX_WINDOW_BITS, MIN_WINDOW_BITS } from './parameters.ts'

/** Options of `permessageDeflate`. All are optional. */
export interface DeflateOptions {
  /**
   * Whether a message may refer to messages before it, in both directions, if the peer agrees.
   * Better ratios for many small, similar messages, at about 135 KiB for each connection that sends
   * and receives. Default: false.
   */
  readonly contextTakeover?: boolean
  /** Whether the server's messages must not refer to earlier ones. Default: `!contextTakeover`. */
  readonly serverNoContextTakeover?: boolean
  /** Whether the client's messages must not refer to earlier ones. Default: `!contextTakeover`. */
  readonly clientNoContextTakeover?: boolean
  /**
   * The base-2 logarithm of the largest window, 8 to 15, ours and the one that the peer is asked
   * for. Default: 12 (4 KiB).
   */
  readonly windowBits?: number
  /** The same for the messages of the server alone (RFC 7692 §7.1.2.1). Default: `windowBits`. */
  readonly serverMaxWindowBits?: number
  /** The same for the messages of the client alone (RFC 7692 §7.1.2.2). Default: `windowBits`. */
  readonly clientMaxWindowBits?: number
  /**
   * The smallest message that is compressed, in bytes, unless `send` overrides it. `Infinity`
   * compresses only messages sent with `compress: true`. Default: 1,024.
   */
  readonly threshold?: number
  /** zlib's compression level, 1 (fastest) to 9 (smallest). Default: 3. */
  readonly level?: number
  /** zlib's memory level, 1 to 9. Default: 5. */
  readonly memLevel?: number
  /**
   * Large messages that are processed in the thread pool at the same time, over all connections, 2
   * to 10. Default: 4.
   */
  readonly concurrency?: number
}

/** The options with their defaults in place, `contextTakeover` and `windowBits` per direction. */
export type DeflateSettings = Required<Omit<DeflateOptions, 'contextTakeover' | 'windowBits'>>

const DEFAULTS = {
  contextTakeover: false,
  windowBits: 12,
  threshold: 1024,
  level: 3,
  memLevel: 5,
  concurrency: 4,
}

const NAMES: readonly string[] = [
  'contextTakeover',
  'serverNoContextTakeover',
  'clientNoContextTakeover',
  'windowBits',
  'serverMaxWindowBits',
  'clientMaxWindowBits',
  'threshold',
  'level',
  'memLevel',
  'concurrency',
] satisfies (keyof DeflateOptions)[]

/** Adds the defaults. Throws a `TypeError` or a `RangeError` that says what is accepted. */
export function checkOptions(options: DeflateOptions): DeflateSettings {
  checkNames(options, NAMES)
  const takeover = checkBoolean('contextTakeover', options.contextTakeover, DEFAULTS.contextTakeover)
  const bits = checkBits('windowBits', options.windowBits, DEFAULTS.windowBits)
  return {
    serverNoContextTakeover: checkBoolean(
      'serverNoContextTakeover',
      options.serverNoContextTakeover,
      !takeover,
    ),
    clientNoContextTakeover: checkBoolean(
      'clientNoContextTakeover',
      options.clientNoContextTakeover,
      !takeover,
    ),
    serverMaxWindowBits: checkBits('serverMaxWindowBits', options.serverMaxWindowBits, bits),
    clientMaxWindowBits: checkBits('clientMaxWindowBits', options.clientMaxWindowBits, bits),
    threshold: checkThreshold(options.threshold),
    level: checkInteger('level', options.level, DEFAULTS.level, 1, 9),
    memLevel: checkInteger('memLevel', options.memLevel, DEFAULTS.memLevel, 1, 9),
    concurrency: checkInteger('concurrency', options.concurrency, DEFAULTS.concurrency, 2, 10),
  }
}

function checkBoolean(name: string, value: unknown, byDefault: boolean): boolean {
  if (value === undefined) return byDefault
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false, not ${typeof value}`)
  return value
}

function checkBits(name: string, value: unknown, byDefault: number): number {
  return checkInteger(name, value, byDefault, MIN_WINDOW_BITS, MAX_WINDOW_BITS)
}

function checkInteger(name: string, value: unknown, byDefault: number, min: number, max: number): number {
  if (value === undefined) return byDefault
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`)
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`${name} must be an integer from ${min} to ${max}, not ${value}`)
  return value
}

function checkThreshold(value: number = DEFAULTS.threshold): number {
  if (typeof value !== 'number') throw new TypeError(`threshold must be a number, not ${typeof value}`)
  if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value >= 0))
    throw new RangeError(`threshold must be an integer from 0, or Infinity, not ${value}`)
  return value
}
