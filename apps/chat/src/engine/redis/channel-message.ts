// The messages in the channel of a room: an entry, a signal, its removal, or a hint to read the
// log. Scripts write all but the signal.

import type { Entry, Json } from '../../log/entry.ts'
import { readStoredEntry } from './stored-entry.ts'

/** A message in the channel of a room. */
export type ChannelMessage =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'signal'; readonly event: Json }
  | { readonly kind: 'removed'; readonly epoch: string }
  | { readonly kind: 'look' }

/**
 * Reads `entry EPOCH SEQ TEXT`, `signal JSON`, `removed EPOCH` and `look`. Any other message is a
 * reason to read the log.
 */
export function readChannelMessage(room: string, message: string): ChannelMessage {
  try {
    const [word, rest] = split(message)
    if (word === 'signal') return { kind: 'signal', event: JSON.parse(rest) }
    if (word === 'removed') return { kind: 'removed', epoch: rest }
    if (word === 'look') return { kind: 'look' }
    const [epoch, behind] = split(rest)
    const [seq, text] = split(behind)
    return { kind: 'entry', entry: readStoredEntry(text, { room, epoch, seq: Number(seq) }) }
  } catch {
    return { kind: 'look' }
  }
}

export function signalMessage(event: Json): string {
  return `signal ${JSON.stringify(event)}`
}

function split(text: string): readonly [first: string, rest: string] {
  const end = text.indexOf(' ')
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)]
}
