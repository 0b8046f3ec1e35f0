// A socket without a network, as the server sees one of Node's: a kernel that takes only so much, short writes, both halves, resets,
// and a `close` that comes later. Nothing happens by itself: the schedule moves each byte. Knows no WebSocket.

import { Buffer } from 'node:buffer'
import { Duplex } from 'node:stream'

type Done = (error?: Error | null) => void

/** One write that the kernel has not taken whole. */
interface Writing {
  readonly chunks: Uint8Array[]
  left: number
  readonly done: Done
}

/** Written over what has been read: whoever kept a view of lent memory sees it. */
const SCRIBBLE = 0xee

/** The server's end of one connection, and the wire to the peer. */
export class Wire extends Duplex {
  readonly #capacity: number
  /** On its way to the server. */
  readonly #incoming: Uint8Array[] = []
  #incomingLength = 0
  /** Taken by the kernel, on its way to the peer. */
  readonly #outgoing: Uint8Array[] = []
  #outgoingLength = 0
  #writing: Writing | undefined
  #reading = false
  /** The peer's FIN: on its way, or read. */
  #ended: 'no' | 'coming' | 'read' = 'no'
  #reset = false
  #finishing: Done | undefined
  #closing: 'no' | 'destroyed' | 'closed' = 'no'
  /** Reads are to memory that is used again. */
  lends = false
  /** Bytes that were pushed to the reader. */
  bytesPushed = 0
  /** Bytes that the kernel has taken. */
  bytesTaken = 0
  /** As Node's sockets have it: what of the write in progress is left. */
  readonly _handle: { readonly writeQueueSize: number }
  readonly remoteAddress = '192.0.2.1'

  /** `capacity`: how many bytes the kernel keeps on their way to the peer; `highWaterMark` is the stream's own. */
  constructor(capacity: number, highWaterMark: number) {
    super({ allowHalfOpen: true, emitClose: false, highWaterMark })
    this.#capacity = capacity
    const left = () => this.#writing?.left ?? 0
    this._handle = {
      get writeQueueSize() {
        return left()
      },
    }
  }

  // ── for the stream ────────────────────────────────────────────────────────────────────────────────────────────────────

  override _read(): void {
    this.#reading = true
    if (this.#reset) process.nextTick(() => this.destroy(resetError('read')))
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#write([chunk], done)
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: Done): void {
    this.#write(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  override _final(done: Done): void {
    this.#finishing = done
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#closing = 'destroyed'
    this.#incoming.length = 0
    this.#incomingLength = 0
    done(error)
  }

  #write(chunks: Uint8Array[], done: Done): void {
    if (this.#reset) {
      done(resetError('write'))
      return
    }
    this.#writing = { chunks, left: chunks.reduce((sum, { length }) => sum + length, 0), done }
    this.#fill()
  }

  /** The kernel takes what it has room for. */
  #fill(): void {
    const writing = this.#writing
    if (writing === undefined) return
    let room = this.#capacity - this.#outgoingLength
    while (room > 0 && writing.chunks.length > 0) {
      const [first] = writing.chunks as [Uint8Array]
      const part = Buffer.from(first.subarray(0, room))
      if (part.length === first.length) writing.chunks.shift()
      else writing.chunks[0] = first.subarray(part.length)
      this.#outgoing.push(part)
      this.#outgoingLength += part.length
      this.bytesTaken += part.length
      writing.left -= part.length
      room -= part.length
    }
    if (writing.chunks.length > 0) return
    this.#writing = undefined
    writing.done()
  }

  // ── for the schedule ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether there is something for `turn` to do. */
  get hasTurn(): boolean {
    return this.#closing === 'destroyed' || this.#finishing !== undefined
  }

  /** What Node does at the next turn of its loop by itself: ends a half that was shut down, tells that it is closed. */
  turn(): void {
    if (this.#closing === 'destroyed') {
      this.#closing = 'closed'
      this.#writing?.done(null)
      this.#writing = undefined
      this.emit('close', this.errored !== null)
      return
    }
    const finished = this.#finishing
    if (finished === undefined) return
    this.#finishing = undefined
    finished()
  }

  /** The peer sends. */
  enqueue(bytes: Uint8Array): void {
    if (this.#ended !== 'no' || this.isGone) return
    this.#incoming.push(bytes)
    this.#incomingLength += bytes.length
  }

  /** So many bytes arrive, if they are read, and behind the last the peer's FIN. */
  arrive(count: number): void {
    let left = Math.min(count, this.#incomingLength)
    while (left > 0 && this.#reading && !this.destroyed) {
      const [first] = this.#incoming as [Uint8Array]
      const chunk = Buffer.from(first.subarray(0, left))
      if (chunk.length === first.length) this.#incoming.shift()
      else this.#incoming[0] = first.subarray(chunk.length)
      left -= chunk.length
      this.#incomingLength -= chunk.length
      this.bytesPushed += chunk.length
      if (!this.push(chunk)) this.#reading = false
      if (this.lends && this.readableLength === 0) chunk.fill(SCRIBBLE)
    }
    if (this.#ended !== 'coming' || this.#incomingLength > 0 || !this.#reading || this.destroyed) return
    this.#ended = 'read'
    this.push(null)
  }

  /** The peer ends its half. */
  endPeer(): void {
    if (this.#ended === 'no') this.#ended = 'coming'
  }

  /** The peer resets: whoever reads or writes learns it. */
  reset(): void {
    if (this.isGone || this.#reset) return
    this.#reset = true
    this.#incoming.length = 0
    this.#incomingLength = 0
    const writing = this.#writing
    this.#writing = undefined
    if (this.#reading) this.destroy(resetError('read'))
    writing?.done(resetError('write'))
  }

  /** The peer takes so many bytes of what is on its way, and the kernel takes more. */
  takeFromKernel(count: number): Uint8Array {
    const parts: Uint8Array[] = []
    let left = Math.min(count, this.#outgoingLength)
    this.#outgoingLength -= left
    while (left > 0) {
      const [first] = this.#outgoing as [Uint8Array]
      const part = first.subarray(0, left)
      if (part.length === first.length) this.#outgoing.shift()
      else this.#outgoing[0] = first.subarray(part.length)
      parts.push(part)
      left -= part.length
    }
    if (!this.destroyed) this.#fill()
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  /** Bytes that wait for the peer, in the kernel or before it. */
  get waiting(): number {
    return this.#outgoingLength + (this.#writing?.left ?? 0)
  }

  /** Destroyed, and that has been told. */
  get isGone(): boolean {
    return this.#closing === 'closed'
  }

  /** The server has read the peer's FIN. */
  get endWasRead(): boolean {
    return this.readableEnded
  }
}

function resetError(call: string): Error {
  return Object.assign(new Error(`${call} ECONNRESET`), { code: 'ECONNRESET', syscall: call })
}
