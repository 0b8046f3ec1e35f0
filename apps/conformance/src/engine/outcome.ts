// What happened in one run of a case, before it is judged.

import type { WireLog } from './wire-log.ts'

/** An event of the peer, or a pause that it let pass. */
export type Observed =
  | {
      readonly kind: 'message'
      readonly op: 1 | 2
      readonly length: number
      /** Left out for large messages that are not compared. */
      readonly content?: Uint8Array
    }
  | { readonly kind: 'pong'; readonly content: Uint8Array }
  | { readonly kind: 'timeout'; readonly label: string }

/** The facts of one connection. */
export interface Outcome {
  /** The text of both heads of the opening handshake, as far as they were sent. */
  readonly request: string
  readonly response: string
  /** Whether the opening handshake succeeded, and why not. */
  readonly opened: boolean
  readonly openTimeout: boolean
  readonly openError?: string
  /** The status and header fields of a response to a handshake case. */
  readonly status?: number
  readonly rawHeaders?: readonly string[]
  /** Whether permessage-deflate is in use. */
  readonly compressed: boolean
  readonly events: readonly Observed[]
  /** The result of a check other than that of events; undefined until it is over. */
  readonly passed?: boolean
  /** Why such a check failed. */
  readonly failure?: string
  /** The side that sent Close first, or dropped TCP without it. */
  readonly closedBy: 'tester' | 'peer'
  /** The fault for which the tester failed the connection. */
  readonly fault?: string
  /** The tester dropped TCP. */
  readonly dropped: boolean
  readonly closeTimeout: boolean
  readonly dropTimeout: boolean
  readonly closeSent: boolean
  readonly closeReceived: boolean
  readonly localCode: number | null
  readonly localReason: string | null
  readonly remoteCode: number | null
  readonly remoteReason: string | null
  /** The peer made no progress. */
  readonly stalled: boolean
  readonly maskingKeys: readonly number[]
  readonly started: Date
  /** Milliseconds. */
  readonly duration: number
  readonly traffic: Traffic
  readonly log: WireLog
}

/** Octets and messages of a connection. */
export interface Traffic {
  incomingApp: number
  incomingWebSocket: number
  incomingWire: number
  incomingFrames: number
  incomingMessages: number
  outgoingApp: number
  outgoingWebSocket: number
  outgoingWire: number
  outgoingFrames: number
  outgoingMessages: number
  preopenIncoming: number
  preopenOutgoing: number
}

export function createTraffic(): Traffic {
  return {
    incomingApp: 0,
    incomingWebSocket: 0,
    incomingWire: 0,
    incomingFrames: 0,
    incomingMessages: 0,
    outgoingApp: 0,
    outgoingWebSocket: 0,
    outgoingWire: 0,
    outgoingFrames: 0,
    outgoingMessages: 0,
    preopenIncoming: 0,
    preopenOutgoing: 0,
  }
}

/** The part of an outcome that an exchange knows, of a connection that was never open. */
export const NEVER_OPEN = {
  events: [],
  closedBy: 'peer',
  dropped: false,
  closeTimeout: false,
  dropTimeout: false,
  closeSent: false,
  closeReceived: false,
  localCode: null,
  localReason: null,
  remoteCode: null,
  remoteReason: null,
  stalled: false,
  maskingKeys: [],
} as const
