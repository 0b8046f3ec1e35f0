// One connection of a run, from both its ends: the wire, the peer, and what the user on the server was told and waits for.

import { Buffer } from 'node:buffer'
import type { CloseInfo, Socket } from '@ws/server'
import { MAX_MESSAGE_SIZE, Peer } from './peer.ts'
import type { Act, Connect } from './schedule.ts'
import type { SteppedSource } from './sources.ts'
import { Wire } from './transport.ts'

/** A promise of the user's that a step settles. */
export type Gate = Pick<PromiseWithResolvers<void>, 'resolve' | 'reject'>

/** What the streams of a socket are used by. */
export interface Ends {
  readonly reader: ReadableStreamDefaultReader<string | Uint8Array>
  readonly writer: WritableStreamDefaultWriter<string | Uint8Array>
}

/** One connection. */
export class Link {
  readonly index: number
  readonly connect: Connect
  readonly wire: Wire
  readonly peer: Peer
  socket: Socket<Link> | undefined
  /** What its `close` handler was told. */
  report: CloseInfo | undefined
  /** The report that is final, of which the `close` handler may not have been told. */
  final: CloseInfo | undefined
  /** Messages may be dropped: it was closed or given up from here, or a handler failed. */
  drops = false
  /** It was closed from here. */
  isClosedHere = false
  /** Messages, binary ones as latin1. */
  readonly told: string[] = []
  /** The last of them, if it was told whole, as it was given. */
  last: string | Uint8Array | undefined
  /** Handlers that the next message has to wait for. */
  busy = 0
  /** The session reads no more. */
  left = false
  /** What a step can settle. */
  readonly gates: Gate[] = []
  readonly sources: SteppedSource[] = []
  ends: Ends | undefined
  hasEndedWriting = false
  /** Promises of the server's that have not settled, by name. */
  readonly waiting: string[] = []
  /** The error for which it must close with 1011. */
  failure: Error | undefined
  /** Whose promise it is the reason of: the connection hears of it some microtasks later. */
  rejected: 'message' | 'drain' | undefined
  /** One of its handlers tore it down. */
  terminated = false
  /** Messages that `send` took. */
  sent = 0
  drains = 0
  /** Bytes that came with the request. */
  head = 0
  #acts = 0

  constructor(index: number, connect: Connect) {
    this.index = index
    this.connect = connect
    // Messages in pieces may have a gibibyte.
    this.peer = new Peer(connect.kind === 'pieces' ? Number.POSITIVE_INFINITY : MAX_MESSAGE_SIZE)
    this.wire = new Wire(connect.capacity, connect.highWaterMark)
  }

  /** What its handlers do next. */
  nextAct(): Act {
    const { acts } = this.connect
    return acts[this.#acts++ % acts.length]!
  }

  get isBystander(): boolean {
    return this.connect.kind === 'bystander'
  }
}

/** A message as it is compared. */
export function latin1(data: string | Uint8Array): string {
  if (typeof data === 'string') return data
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1')
}
