// The record of connections as entries of the log.

import type { RecordEvent } from '../../../src/inspection/record.ts'
import { FrameSequence, FrameSplitter, type Side } from '../decode/frame.ts'
import { fieldOf, findFault, type Handshake, parseRequest, parseResponse } from '../decode/handshake.ts'
import { Inflater } from '../decode/inflate.ts'
import type { FrameEntry } from './entry.ts'
import type { Log } from './log.ts'

const EMPTY = new Uint8Array(0)

/** Writes events of any connection to a log. */
export class Transcripts {
  readonly #log: Log
  readonly #connections = new Map<number, Transcript>()

  constructor(log: Log) {
    this.#log = log
  }

  /** Adds an event. */
  push(event: RecordEvent): void {
    const known = this.#connections.get(event.connection)
    const transcript = known ?? new Transcript(this.#log, event.connection, event.time)
    if (known === undefined) this.#connections.set(event.connection, transcript)
    transcript.push(event)
    if (event.kind === 'closed') this.#connections.delete(event.connection)
  }
}

/** One connection. */
class Transcript {
  readonly #log: Log
  readonly #connection: number
  readonly #start: number
  readonly #splitters = new Map<Side, FrameSplitter>()
  #hasEnded = false
  #handshakeId = 0
  #handshake: Handshake = {
    requestBytes: EMPTY,
    request: undefined,
    responseBytes: EMPTY,
    response: undefined,
    body: EMPTY,
    fault: undefined,
  }

  constructor(log: Log, connection: number, start: number) {
    this.#log = log
    this.#connection = connection
    this.#start = start
  }

  push({ kind, from, time, bytes, skipped }: RecordEvent): void {
    const since = time - this.#start
    this.#time = since
    if (kind === 'bytes') this.#read(from, bytes)
    else if (kind === 'skipped') this.#splitters.get(from)?.skip(skipped)
    else this.#end(kind, from)
  }

  /** The time of the event that is being read. */
  #time = 0

  #read(from: Side, bytes: Uint8Array): void {
    const splitter = this.#splitters.get(from)
    if (splitter !== undefined) splitter.push(bytes)
    else if (from === 'client') this.#readRequest(bytes)
    else this.#readResponse(bytes)
  }

  #readRequest(bytes: Uint8Array): void {
    const parsed = parseRequest(bytes)
    const isHead = parsed !== undefined && 'head' in parsed
    const request = isHead ? parsed.head : undefined
    const fault = request === undefined ? (parsed as Handshake['fault']) : findFault(request)
    this.#handshake = { ...this.#handshake, requestBytes: bytes, request, fault }
    this.#handshakeId = this.#log.add(this.#handshakeEntry())
    this.#split('client')
  }

  #readResponse(bytes: Uint8Array): void {
    const { response, body } = this.#handshake
    const parsed = response === undefined ? parseResponse(bytes) : undefined
    if (parsed !== undefined && 'head' in parsed) {
      const { head, rest } = parsed
      const responseBytes = bytes.slice(0, bytes.length - rest.length)
      this.#handshake = { ...this.#handshake, responseBytes, response: head, body: rest }
      if (head.status === 101) {
        this.#split('client')
        this.#split('server')
      }
    } else {
      this.#handshake = { ...this.#handshake, body: Uint8Array.from([...body, ...bytes]) }
    }
    this.#log.update(this.#handshakeId, this.#handshakeEntry())
  }

  #handshakeEntry() {
    return {
      kind: 'handshake',
      connection: this.#connection,
      time: 0,
      handshake: this.#handshake,
    } as const
  }

  /** From here on this side sends frames. */
  #split(from: Side): void {
    const extensions = fieldOf(this.#handshake.response, 'sec-websocket-extensions') ?? ''
    const isDeflate = extensions.includes('permessage-deflate')
    const sequence = new FrameSequence(from, isDeflate ? 0b100 : 0)
    const inflater = isDeflate ? new Inflater(!extensions.includes(`${from}_no_context_takeover`)) : undefined
    this.#splitters.set(
      from,
      new FrameSplitter((...parts) => {
        const frame = sequence.add(...parts)
        const entry = { kind: 'frame', connection: this.#connection, time: this.#time, frame } as const
        const id = this.#log.add({ ...entry, inflated: undefined })
        inflater?.add(frame, inflated =>
          this.#log.update(id, { ...entry, inflated } satisfies Omit<FrameEntry, 'id'>),
        )
      }),
    )
  }

  #end(kind: RecordEvent['kind'], from: Side): void {
    if (kind === 'limit') {
      this.#note('This connection is too long: nothing more of it is recorded')
      return
    }
    const sides: readonly Side[] = kind === 'fin' ? [from] : ['client', 'server']
    for (const side of sides) this.#splitters.get(side)?.end()
    // The end of the other side is the answer to the first.
    if (!this.#hasEnded) {
      this.#note(
        kind === 'fin' ? `The ${from} ends the TCP connection (FIN)` : 'The TCP connection is reset (RST)',
      )
    }
    this.#hasEnded = true
  }

  #note(words: string): void {
    this.#log.add({ kind: 'event', connection: this.#connection, time: this.#time, words })
  }
}
