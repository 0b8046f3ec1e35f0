// The entries of the log.

import type { Frame, Side } from '../decode/frame.ts'
import type { Handshake } from '../decode/handshake.ts'

interface EntryBase {
  /** Counts from 1; stays when an entry changes. */
  readonly id: number
  /** Number of the connection; 0 for none. */
  readonly connection: number
  /** Milliseconds since the connection began. */
  readonly time: number
}

/** An opening handshake. It is replaced when its response has come. */
export interface HandshakeEntry extends EntryBase {
  readonly kind: 'handshake'
  readonly handshake: Handshake
}

/** A frame, with the decompressed message if it ends one. */
export interface FrameEntry extends EntryBase {
  readonly kind: 'frame'
  readonly frame: Frame
  readonly inflated: Uint8Array | undefined
}

/** A message of a connection whose frames are not recorded. */
export interface MessageEntry extends EntryBase {
  readonly kind: 'message'
  readonly from: Side
  readonly data: string | Uint8Array<ArrayBuffer>
}

/** Something else that happened, in words. */
interface EventEntry extends EntryBase {
  readonly kind: 'event'
  readonly words: string
}

/** One line of the log. */
export type Entry = HandshakeEntry | FrameEntry | MessageEntry | EventEntry

/** An entry before it has a number. */
export type NewEntry = {
  readonly [Kind in Entry['kind']]: Omit<Extract<Entry, { kind: Kind }>, 'id'>
}[Entry['kind']]
