// The options of publishing, and their check.

import { checkCount, checkNames } from '@ws/connection/internal'
import type { SendOptions } from '@ws/protocol'
import type { SlowPolicy } from './backlog.ts'

/** The policy for subscribers above their high-water mark; `'queue'` by default. */
export type SlowOptions =
  | { readonly slow?: SlowPolicy; readonly key?: never; readonly keep?: never }
  | {
      readonly slow: 'latest'
      /** Identifies what it is the latest of, within its topic; one per topic by default. */
      readonly key?: string
      readonly keep?: never
    }
  | {
      readonly slow: 'drop-oldest'
      /** Number of such messages that may wait for a subscriber, per topic; 16 by default. */
      readonly keep?: number
      readonly key?: never
    }

/** Options of `socket.publish`; see `SlowPolicy`. */
export type SocketPublishOptions = SlowOptions &
  SendOptions & {
    /** Only to the sockets of this process. Without a backplane every message is local. */
    readonly local?: boolean
  }

/** The options of a message that are the same for all subscribers, with defaults filled in. */
export interface ResolvedPublishOptions {
  readonly slow: SlowPolicy
  readonly key: string | undefined
  readonly keep: number
  readonly compress: boolean | undefined
  readonly type: SendOptions['type']
}

export const DEFAULT_PUBLISH_OPTIONS: ResolvedPublishOptions = {
  slow: 'queue',
  key: undefined,
  keep: 16,
  compress: undefined,
  type: undefined,
}

const NAMES = ['slow', 'key', 'keep', 'compress', 'type', 'local']
const POLICIES: readonly SlowPolicy[] = ['queue', 'drop-oldest', 'latest', 'close']

/** Throws a `TypeError` or a `RangeError` for wrong options, and for those that exclude each other. */
export function resolvePublishOptions(options: SocketPublishOptions): ResolvedPublishOptions {
  checkNames(options, NAMES)
  const { slow = DEFAULT_PUBLISH_OPTIONS.slow, key, keep, compress, type, local } = options
  if (!POLICIES.includes(slow)) {
    throw new TypeError(`slow must be 'queue', 'drop-oldest', 'latest' or 'close', not ${nameOf(slow)}`)
  }
  if (key !== undefined && typeof key !== 'string')
    throw new TypeError(`key must be a string, not ${nameOf(key)}`)
  if (key !== undefined && slow !== 'latest')
    throw new TypeError(`key is for slow: 'latest', not for ${nameOf(slow)}`)
  if (keep !== undefined) checkCount('keep', keep)
  if (keep !== undefined && slow !== 'drop-oldest')
    throw new TypeError(`keep is for slow: 'drop-oldest', not for ${nameOf(slow)}`)
  checkFlag('compress', compress)
  checkFlag('local', local)
  return { slow, key, keep: keep ?? DEFAULT_PUBLISH_OPTIONS.keep, compress, type }
}

function checkFlag(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean')
    throw new TypeError(`${name} must be true or false, not ${nameOf(value)}`)
}

/** A wrong value, for an error message. */
export function nameOf(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return value === null ? 'null' : typeof value
}
