// One message of any size, sent in fragments as its source yields them and no faster than the peer takes them (RFC 6455 §5.4).
// Knows no frames and no transport.

import type { ReadableStream } from 'node:stream/web'
import type { CloseReport, MessageType, State } from '@ws/protocol'

type Piece = string | Uint8Array

/** Where a message comes from: strings for a text, bytes for a binary message. */
export type PieceSource = AsyncIterable<Piece> | Iterable<Piece> | ReadableStream<Piece>

/** A message that is being sent in pieces. */
export interface PieceSink {
  /**
   * Sends the next piece. False when too much of this message has not left, or when the connection is no longer open. Only
   * what leaves before the end of this message may be counted: what was sent behind it waits for that end, and must not be
   * waited for.
   */
  write(piece: Piece): boolean
  /** Completes the message. */
  end(): boolean
  /** Resolves when there is room for another piece, or the connection has ended. */
  readonly ready: Promise<void>
}

/** What `sendStream` needs of a connection; the same object each time. */
export interface SendPort {
  readonly state: State
  /** Resolves when nothing can be sent any more, with the close report if there already is one. Never rejects. */
  readonly closed: Promise<CloseReport | undefined>
  /** Begins a message. Undefined unless the connection is open. */
  stream(type: MessageType): PieceSink | undefined
  /** Closes with 1011. It need not report the error, which our caller gets. */
  fail(error: unknown): void
}

/**
 * Sends one message in pieces; bytes must stay as they are until they have left. Its type is that of the first piece unless it
 * is given. Other messages that are sent meanwhile wait behind it from its first piece on. Resolves when the last piece has
 * been accepted.
 *
 * Rejects with what the source throws, with a `TypeError` for pieces of different kinds or an empty source without a type,
 * and with an `Error` when the connection ends first (its `cause` is the close report, if there already is one). Once the
 * message has begun it cannot be taken back: the first two then close the connection with 1011. A source that is not read to
 * its end is told by `return` or `cancel`.
 */
export async function sendStream(port: SendPort, source: PieceSource, type?: MessageType): Promise<void> {
  if (type !== undefined && type !== 'text' && type !== 'binary') {
    throw new TypeError(`a message's type must be 'text' or 'binary', not ${String(type)}`)
  }
  const pieces = readPieces(source)
  let message: PieceSink | undefined
  let sending = type
  try {
    while (true) {
      const next = await unlessEnded(port, () => pieces.next())
      if (next.done) break
      sending = checkPiece(next.value, sending)
      message ??= await begin(port, sending)
      // An empty fragment says nothing, and a peer may count fragments.
      if (next.value.length > 0 && !message.write(next.value)) await message.ready
    }
    if (sending === undefined) throw new TypeError('a message without pieces must be given a type')
    message ??= await begin(port, sending)
    message.end()
    if (port.state !== 'open') throw await endError(port)
  } catch (error) {
    if (message !== undefined && port.state === 'open') port.fail(error)
    pieces.stop(error)
    throw error
  }
}

async function begin(port: SendPort, type: MessageType): Promise<PieceSink> {
  return port.stream(type) ?? Promise.reject(await endError(port))
}

/** The type of a piece. Throws a `TypeError` if it is neither, or not the one that is being sent. */
function checkPiece(piece: unknown, sending: MessageType | undefined): MessageType {
  const type = typeof piece === 'string' ? 'text' : piece instanceof Uint8Array ? 'binary' : undefined
  if (type === undefined) throw new TypeError('a piece of a message must be a string or a Uint8Array')
  if (type !== (sending ?? type)) throw new TypeError(`a ${sending} message has no ${type} piece`)
  return type
}

// ── the source ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Pieces {
  next(): Promise<IteratorResult<Piece, unknown>>
  /** Nothing more will be read. Does not wait for a source that is at work, and throws nothing: the error is known already. */
  stop(error: unknown): void
}

function readPieces(source: PieceSource): Pieces {
  if (typeof source === 'object' && source !== null && !(source instanceof Uint8Array)) {
    if ('getReader' in source) return readStream(source)
    if (Symbol.asyncIterator in source) return readIterator(source[Symbol.asyncIterator]())
    if (Symbol.iterator in source) return readIterator(source[Symbol.iterator]())
  }
  throw new TypeError('a source must be an iterable or a ReadableStream of strings or of Uint8Arrays')
}

/** By its reader and not by its iterator, which cannot cancel a stream that somebody waits for. */
function readStream(source: ReadableStream<Piece>): Pieces {
  const reader = source.getReader()
  return {
    next: () => reader.read() as Promise<IteratorResult<Piece, unknown>>,
    stop: error => void reader.cancel(error).catch(() => {}),
  }
}

function readIterator(iterator: AsyncIterator<Piece, unknown> | Iterator<Piece, unknown>): Pieces {
  let over = false
  return {
    async next() {
      try {
        const result = await iterator.next()
        if (result.done) over = true
        return result
      } catch (error) {
        over = true
        throw error
      }
    },
    stop() {
      if (!over) void leave(iterator)
    },
  }
}

async function leave(iterator: AsyncIterator<Piece, unknown> | Iterator<Piece, unknown>): Promise<void> {
  try {
    await iterator.return?.()
  } catch {}
}

// ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Who waits for a source while the connection may end: one reaction per connection, however many messages it streams. */
const WAITING = new WeakMap<SendPort, Set<(error: Error) => void>>()

/** Settles as `work` does, unless the connection has ended or ends first. */
async function unlessEnded<T>(port: SendPort, work: () => Promise<T>): Promise<T> {
  if (port.state !== 'open') throw await endError(port)
  const waiting = waitingOn(port)
  return new Promise((resolve, reject) => {
    waiting.add(reject)
    work()
      .finally(() => waiting.delete(reject))
      .then(resolve, reject)
  })
}

function waitingOn(port: SendPort): Set<(error: Error) => void> {
  const known = WAITING.get(port)
  if (known !== undefined) return known
  const waiting = new Set<(error: Error) => void>()
  WAITING.set(port, waiting)
  void port.closed.then(report => {
    for (const reject of waiting) reject(incomplete(report))
    waiting.clear()
  })
  return waiting
}

/** Does not wait for a report: it may in turn be waiting for the handler that waits for us. */
async function endError(port: SendPort): Promise<Error> {
  return incomplete(port.state === 'closed' ? await port.closed : undefined)
}

function incomplete(report: CloseReport | undefined): Error {
  return new Error('the connection ended before the message was complete', { cause: report })
}
