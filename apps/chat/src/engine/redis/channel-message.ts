// The messages in the channel of a room: an entry, a signal, its removal, or a hint to read the log.
// Scripts write all but the signal.

import type { Entry, Json } from '../../log/entry.ts'
import { readSaid } from './stored-entry.ts'

/** What a channel says. */
export type Ring =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'signal'; readonly event: Json }
  | { readonly kind: 'removed'; readonly epoch: string }
  | { readonly kind: 'look' }

/** Reads `entry EPOCH SEQ TEXT`, `signal JSON`, `removed EPOCH` and `look`. What is none of them is a reason to look. */
export function readRing(room: string, message: string): Ring {
  try {
    const [word, rest] = split(message)
    if (word === 'signal') return { kind: 'signal', event: JSON.parse(rest) }
    if (word === 'removed') return { kind: 'removed', epoch: rest }
    if (word === 'look') return { kind: 'look' }
    const [epoch, behind] = split(rest)
    const [seq, text] = split(behind)
    return { kind: 'entry', entry: readSaid(text, { room, epoch, seq: Number(seq) }) }
  } catch {
    return { kind: 'look' }
  }
}

export function signalRing(event: Json): string {
  return `signal ${JSON.stringify(event)}`
}

function split(text: string): readonly [first: string, rest: string] {
  const end = text.indexOf(' ')
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)]
}
