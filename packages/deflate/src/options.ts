// The options of permessage-deflate, their defaults and checks.

import { MAX_WINDOW_BITS, MIN_WINDOW_BITS } from './parameters.ts'

/** Options of `permessageDeflate`. All are optional. */
export interface DeflateOptions {
  /**
   * Whether a message may refer to messages before it, in both directions, if the peer agrees.
   * Better ratios for many small, similar messages, at about 135 KiB for each connection that sends
   * and receives. Default: false.
   */
  readonly contextTakeover?: boolean
  /**
   * The base-2 logarithm of the largest window, 8 to 15, ours and the one that the peer is asked
   * for. Default: 12 (4 KiB).
   */
  readonly windowBits?: number
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

/** The options with their defaults in place. */
export type DeflateSettings = Required<DeflateOptions>

const DEFAULTS: DeflateSettings = {
  contextTakeover: false,
  windowBits: 12,
  threshold: 1024,
  level: 3,
  memLevel: 5,
  concurrency: 4,
}

/** Adds the defaults. Throws a `TypeError` or a `RangeError` that says what is accepted. */
export function checkOptions(options: DeflateOptions): DeflateSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(DEFAULTS, name))
      throw new TypeError(`unknown option ${name} (expected one of ${Object.keys(DEFAULTS).join(', ')})`)
  }
  const { contextTakeover = DEFAULTS.contextTakeover } = options
  if (typeof contextTakeover !== 'boolean')
    throw new TypeError(`contextTakeover must be true or false, not ${typeof contextTakeover}`)
  return {
    contextTakeover,
    windowBits: checkInteger('windowBits', options.windowBits, MIN_WINDOW_BITS, MAX_WINDOW_BITS),
    threshold: checkThreshold(options.threshold),
    level: checkInteger('level', options.level, 1, 9),
    memLevel: checkInteger('memLevel', options.memLevel, 1, 9),
    concurrency: checkInteger('concurrency', options.concurrency, 2, 10),
  }
}

function checkInteger(
  name: 'windowBits' | 'level' | 'memLevel' | 'concurrency',
  value: number | undefined,
  min: number,
  max: number,
): number {
  if (value === undefined) return DEFAULTS[name]
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
