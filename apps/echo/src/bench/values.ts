// Texts of queries and of the command line as values: times, sizes, counts and choices. Each reader
// throws a `ValueError` that says what is accepted.

/** A text that is not a value of its kind. The message ends a sentence that begins with a name. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
}

/** The longest time in milliseconds: a day. */
const LONGEST_TIME = 24 * 3_600_000

const TIME_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/** A time such as `500ms`, `2s` or `5m`, in milliseconds; at least `least`. */
export function readTime(text: string, least = 0): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const time = Number(digits) * (TIME_UNITS[unit ?? ''] ?? Number.NaN)
  if (time >= least && time <= LONGEST_TIME) return time
  const range = least === 0 ? 'up to 24h' : `from ${least}ms to 24h`
  throw new ValueError(`must be a time such as 500ms, 2s or 5m, ${range}, not ${JSON.stringify(text)}`)
}

/** A size such as `100`, `10kB` or `4MiB`, in bytes; at least `least`. */
export function readSize(text: string, least = 0): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? []
  const size = Math.floor(Number(digits) * (SIZE_UNITS[unit ?? '?'] ?? Number.NaN))
  if (size >= least && size <= Number.MAX_SAFE_INTEGER) return size
  const from = least === 0 ? '' : `, from ${least}`
  throw new ValueError(
    `must be a number of bytes such as 100, 10kB or 4MiB${from}, not ${JSON.stringify(text)}`,
  )
}

/** A whole number in a range. */
export function readCount(text: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`
  throw new ValueError(`must be a whole number ${range}, not ${JSON.stringify(text)}`)
}

/** One of some words. */
export function readChoice<const Word extends string>(text: string, words: readonly Word[]): Word {
  const word = words.find(each => each === text)
  if (word !== undefined) return word
  throw new ValueError(`must be ${listOf(words)}, not ${JSON.stringify(text)}`)
}

/** When a path acts: after a number of messages, or after a time in milliseconds. */
export type Moment = { readonly messages: number } | { readonly time: number }

/** A number of messages, such as `3`, or a time, such as `2s`. */
export function readMoment(text: string): Moment {
  if (/^\d+$/.test(text)) return { messages: readCount(text, 0) }
  try {
    return { time: readTime(text) }
  } catch {
    throw new ValueError(
      `must be a number of messages such as 3, or a time such as 2s, not ${JSON.stringify(text)}`,
    )
  }
}

/** `a, b or c`. */
function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
