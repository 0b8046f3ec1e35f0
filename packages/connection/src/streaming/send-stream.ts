// Sends one message of any size in fragments, as its source yields them and no faster than the peer
// accepts them (RFC 6455 §5.4).

import type { ReadableStream } from 'node:stream/web'
import { type BinaryLike, type CloseInfo, type MessageType, toBytes } from '@ws/protocol'
import { incompleteMessageError } from './incomplete-message.ts'
import { checkSendOptions, type SendOptions } from './send-options.ts'

type Piece = string | BinaryLike

/** The pieces of a message: strings for a text, bytes for a binary message. */
export type PieceSource = AsyncIterable<Piece> | Iterable<Piece> | ReadableStream<Piece>

/** A message that is being sent in pieces. */
export interface PieceSink {
  /**
   * Sends the next piece. Returns false when too much of this message is unsent, or the connection
   * is no longer open. Messages behind this one must not be counted: they wait for its end.
   */
  write(piece: string | Uint8Array): boolean
  /** Completes the message. */
  end(): boolean
  /** Resolves when there is room for another piece, or the connection has ended. */
  readonly ready: Promise<void>
}

/** The connection that a message is sent on; the same object each time. */
export interface SendPort {
  /** Whether messages can be sent. */
  readonly canSend: boolean
  /** The close report, if there is one and nothing can be sent any more. */
  readonly report: CloseInfo | undefined
  /**
   * Resolves when nothing can be sent any more, with the close report if there is one. Never
   * rejects.
   */
  readonly closed: Promise<CloseInfo | undefined>
  /** Begins a message. Undefined if nothing can be sent any more. */
  stream(type: MessageType, options: SendOptions): PieceSink | undefined
  /** Closes with 1011, without reporting the error: `sendStream` rejects with it. */
  fail(error: unknown): void
}

/**
 * Sends one message in pieces; bytes must stay unchanged until they are written. Its type is that
 * of the first piece unless given. From its first piece on, other messages wait behind it. Resolves
 * when the last piece has been accepted.
 *
 * Rejects with the error of the source, with a `TypeError` for pieces of different types or an
 * empty source without a type, and with an `Error` if the connection ends first (its `cause` is the
 * close report, if there is one). A message that has begun cannot be taken back, so the first two
 * then close the connection with 1011. A source that is not read to its end is ended by `return` or
 * `cancel`.
 */
export async function sendStream(
  port: SendPort,
  source: PieceSource,
  options: SendOptions = {},
): Promise<void> {
  checkSendOptions(options)
  const { type } = options
  if (type !== undefined && type !== 'text' && type !== 'binary') {
    throw new TypeError(`a message's type must be 'text' or 'binary', not ${String(type)}`)
  }
  const pieces = readPieces(source)
  let message: PieceSink | undefined
  let sending = type
  try {
    while (true) {
      const next = await orEnd(port, () => pieces.next())
      if (next.done) break
      const piece = checkPiece(next.value)
      sending = checkType(piece, sending)
      message ??= await begin(port, sending, options)
      // Empty fragments would count against the peer's limit.
      if (piece.length > 0 && !message.write(piece)) await message.ready
    }
    if (sending === undefined) throw new TypeError('a message without pieces must be given a type')
    message ??= await begin(port, sending, options)
    message.end()
    if (!port.canSend) throw endError(port)
  } catch (error) {
    if (message !== undefined && port.canSend) port.fail(error)
    pieces.stop(error)
    throw error
  }
}

async function begin(port: SendPort, type: MessageType, options: SendOptions): Promise<PieceSink> {
  return port.stream(type, options) ?? Promise.reject(endError(port))
}

/** A piece of the source. Throws a `TypeError` for anything else. */
function checkPiece(value: unknown): string | Uint8Array {
  const piece = typeof value === 'string' ? value : toBytes(value)
  if (piece !== undefined) return piece
  throw new TypeError('a piece of a message must be a string, an ArrayBuffer or a view of one')
}

/** The type of a piece. Throws a `TypeError` for another type than that of the message. */
function checkType(piece: string | Uint8Array, sending: MessageType | undefined): MessageType {
  const type = typeof piece === 'string' ? 'text' : 'binary'
  if (type !== (sending ?? type)) throw new TypeError(`a ${sending} message has no ${type} piece`)
  return type
}

// ── the source ──────────────────────────────────────────────────────────────────────────────────

interface Pieces {
  next(): Promise<IteratorResult<Piece, unknown>>
  /** Ends the source without waiting for it. Never throws: the error is known already. */
  stop(error: unknown): void
}

function readPieces(source: PieceSource): Pieces {
  if (typeof source === 'object' && source !== null && !ArrayBuffer.isView(source)) {
    if ('getReader' in source) return readStream(source)
    if (Symbol.asyncIterator in source) return readIterator(source[Symbol.asyncIterator]())
    if (Symbol.iterator in source) return readIterator(source[Symbol.iterator]())
  }
  throw new TypeError('a source must be an iterable or a ReadableStream of strings or of bytes')
}

/** Uses a reader, because the iterator of a stream cannot cancel a pending read. */
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
      if (!over) void endIterator(iterator)
    },
  }
}

async function endIterator(
  iterator: AsyncIterator<Piece, unknown> | Iterator<Piece, unknown>,
): Promise<void> {
  try {
    await iterator.return?.()
  } catch {}
}

// ── the end of the connection ───────────────────────────────────────────────────────────────────

/**
 * Pending reads that the end of a connection rejects; one reaction per connection for all its
 * messages.
 */
const PENDING = new WeakMap<SendPort, Set<(error: Error) => void>>()

/** Settles as `work` does, or rejects when the connection ends. */
async function orEnd<T>(port: SendPort, work: () => Promise<T>): Promise<T> {
  if (!port.canSend) throw endError(port)
  const waiting = waitingOn(port)
  return new Promise((resolve, reject) => {
    waiting.add(reject)
    work()
      .finally(() => waiting.delete(reject))
      .then(resolve, reject)
  })
}

function waitingOn(port: SendPort): Set<(error: Error) => void> {
  const known = PENDING.get(port)
  if (known !== undefined) return known
  const waiting = new Set<(error: Error) => void>()
  PENDING.set(port, waiting)
  void port.closed.then(report => {
    for (const reject of waiting) reject(incompleteMessageError(report))
    waiting.clear()
  })
  return waiting
}

function endError({ report }: SendPort): Error {
  return incompleteMessageError(report)
}
