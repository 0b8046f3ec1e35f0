// The counters of a chat process. Plain numbers.

import type { EntryKind } from '../log/entry.ts'
import type { ErrorCode } from '../wire/messages.ts'

/** Upper ends, in milliseconds, of the classes that the durations of publishing are counted in. */
export const PUBLISH_CLASSES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000] as const

const KINDS = [
  'msg',
  'edit',
  'del',
  'react',
  'topic',
  'rename',
  'mod',
] as const satisfies readonly EntryKind[]

const ERROR_CODES = [
  'bad_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'too_long',
  'rate_limited',
  'busy',
  'unavailable',
  'gap',
  'exists',
  'unknown',
  'version',
] as const satisfies readonly ErrorCode[]

/** Gauges: current values. */
type Gauge = 'connections' | 'users' | 'rooms' | 'lagging' | 'pending' | 'buffered'

/**
 * Monotonic counters. `refused`: upgrades; `duplicates`: sends that were already stored; `gaps`:
 * syncs that reported one.
 */
type Counter = 'refused' | 'messagesReceived' | 'messagesSent' | 'duplicates' | 'syncs' | 'gaps' | 'failures'

/**
 * All counters and gauges in one flat object. `published_msg` etc.: stored entries by kind.
 * `error_…`: error replies by code. `publish_le_5`: publishes that took 5 ms or less (each class
 * includes the smaller ones); `publish_count` and `publish_ms`: their number and total duration.
 */
export type ChatStats = Readonly<
  Record<
    | Gauge
    | Counter
    | `published_${EntryKind}`
    | `error_${ErrorCode}`
    | `publish_le_${(typeof PUBLISH_CLASSES)[number]}`
    | 'publish_count'
    | 'publish_ms',
    number
  >
>

/** Those that only grow, being counted. */
export type Counted = Omit<ChatStats, Gauge | 'refused' | 'messagesReceived' | 'messagesSent'>

export class Counts {
  readonly #counted = zeros()

  /** One more. */
  add(name: keyof Counted): void {
    this.#counted[name]++
  }

  /** Counts an entry that was stored, and the milliseconds that it took. */
  published(kind: EntryKind, duration: number): void {
    this.#counted[`published_${kind}`]++
    this.#counted.publish_count++
    this.#counted.publish_ms += duration
    for (const end of PUBLISH_CLASSES) if (duration <= end) this.#counted[`publish_le_${end}`]++
  }

  read(): Counted {
    return { ...this.#counted }
  }
}

function zeros(): { -readonly [Name in keyof Counted]: number } {
  const names = [
    'duplicates',
    'syncs',
    'gaps',
    'failures',
    ...KINDS.map(kind => `published_${kind}` as const),
    ...ERROR_CODES.map(code => `error_${code}` as const),
    ...PUBLISH_CLASSES.map(end => `publish_le_${end}` as const),
    'publish_count',
    'publish_ms',
  ] as const
  return Object.fromEntries(names.map(name => [name, 0])) as Record<(typeof names)[number], number>
}
