// What permessage-deflate can be told, and the check of it.

import { LEAST_WINDOW_BITS, MOST_WINDOW_BITS } from './parameters.ts'

/** Everything that can be told; all of it is optional. */
export interface DeflateOptions {
  /**
   * Whether a message may refer to those before it, in either direction, where the peer agrees: better ratios for many small messages
   * that are alike, for some 135 KiB of each connection that sends and receives. False.
   */
  readonly contextTakeover?: boolean
  /** The base-2 logarithm of the largest window, 8 to 15, ours and the one that the peer is asked for: 4 KiB by 12. */
  readonly windowBits?: number
  /** Messages of so many bytes are compressed, unless `send` is told otherwise; 1,024. `Infinity`: only where it is told to. */
  readonly threshold?: number
  /** How hard zlib tries, 1 (fast) to 9 (small); 3. */
  readonly level?: number
  /** How much memory zlib takes for it, 1 to 9; 5. */
  readonly memLevel?: number
  /** How many large messages, of all connections, are worked on at a time in the thread pool, 2 to 10; 4. */
  readonly concurrency?: number
}

/** The options with everything filled in. */
export type DeflateSettings = Required<DeflateOptions>

const DEFAULTS: DeflateSettings = {
  contextTakeover: false,
  windowBits: 12,
  threshold: 1024,
  level: 3,
  memLevel: 5,
  concurrency: 4,
}

/** Fills in what is missing. Throws a `TypeError` or a `RangeError` that says what is accepted. */
export function checkOptions(options: DeflateOptions): DeflateSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('the options must be an object')
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(DEFAULTS, name))
      throw new TypeError(`there is no option ${name}; there are ${Object.keys(DEFAULTS).join(', ')}`)
  }
  const { contextTakeover = DEFAULTS.contextTakeover } = options
  if (typeof contextTakeover !== 'boolean')
    throw new TypeError(`contextTakeover must be true or false, not ${typeof contextTakeover}`)
  return {
    contextTakeover,
    windowBits: checkWhole('windowBits', options.windowBits, LEAST_WINDOW_BITS, MOST_WINDOW_BITS),
    threshold: checkThreshold(options.threshold),
    level: checkWhole('level', options.level, 1, 9),
    memLevel: checkWhole('memLevel', options.memLevel, 1, 9),
    concurrency: checkWhole('concurrency', options.concurrency, 2, 10),
  }
}

function checkWhole(
  name: 'windowBits' | 'level' | 'memLevel' | 'concurrency',
  value: number | undefined,
  least: number,
  most: number,
): number {
  if (value === undefined) return DEFAULTS[name]
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`)
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}`)
  return value
}

function checkThreshold(value: number = DEFAULTS.threshold): number {
  if (typeof value !== 'number') throw new TypeError(`threshold must be a number, not ${typeof value}`)
  if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value >= 0))
    throw new RangeError(`threshold must be a whole number from 0, or Infinity, not ${value}`)
  return value
}
