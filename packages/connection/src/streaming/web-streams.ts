// The two directions of a socket as streams of the web, as its WebSocketStream has them: who does not read holds the peer back,
// who writes waits for a peer that does not read. Knows no frames and no transport.

import type { ReadableStreamDefaultController, WritableStreamDefaultController } from 'node:stream/web'
import type { CloseReport, State } from '@ws/protocol'

type Message = string | Uint8Array

/** What the streams need of a socket. */
export interface StreamPort {
  readonly state: State
  /** Resolves when there is room below the high-water mark, or the connection has ended. */
  readonly ready: Promise<void>
  /** Resolves with the close report. Never rejects. */
  readonly closed: Promise<CloseReport>
  /** False above the high-water mark, or when the message cannot be sent any more. */
  send(data: Message): boolean
  close(code?: number, reason?: string): void
}

/** Both directions of one socket. */
export interface SocketStreams {
  /**
   * The peer's messages. It asks for none before it is read, and the peer is held back until it asks. It closes when the
   * connection has ended in order, and errors with a `WebSocketError` when it has not. Read it to its end or cancel it: behind
   * a message that nobody reads, the end waits too. To cancel it closes the socket.
   */
  readonly readable: ReadableStream<Message>
  /**
   * Messages to the peer; a write is done when there is room for another. To close it closes the socket with 1000; to abort it
   * with the `closeCode` and `reason` of a `WebSocketError`, or with 1000. It errors when the connection has ended.
   */
  readonly writable: WritableStream<Message>
}

/** What stands behind the error of a connection, or what it shall be closed with. */
export interface WebSocketErrorOptions extends ErrorOptions {
  readonly closeCode?: number
  readonly reason?: string
}

/** An error that knows a close code, like the web's: what a stream fails with, and what it can be cancelled or aborted with. */
export class WebSocketError extends Error {
  override readonly name: string = 'WebSocketError'
  /** 1006: the connection ended without a Close. */
  readonly closeCode: number | null
  readonly reason: string

  constructor(message?: string, options: WebSocketErrorOptions = {}) {
    super(message, options)
    const { reason = '', closeCode = reason === '' ? null : 1000 } = options
    this.closeCode = closeCode
    this.reason = reason
  }
}

/** Makes streams of the messages that come, of which they take the one iterator, and the port that they go by. */
export function createStreams(messages: AsyncIterable<Message>, port: StreamPort): SocketStreams {
  return { readable: createReadable(messages[Symbol.asyncIterator](), port), writable: createWritable(port) }
}

function createReadable(messages: AsyncIterator<Message>, port: StreamPort): ReadableStream<Message> {
  let controller: ReadableStreamDefaultController<Message>
  let report: CloseReport | undefined
  /** What the iterator was asked for and the stream has not been given. */
  let asked: Promise<IteratorResult<Message>> | undefined
  let over = false

  /** Once the connection has ended there is nobody to be held back: finds out whether that was the last message. */
  async function lookAhead(ended: CloseReport): Promise<void> {
    asked ??= messages.next()
    const { done } = await asked
    if (!done || over) return
    over = true
    if (ended.clean) controller.close()
    else controller.error(endError(ended))
  }

  return new ReadableStream<Message>(
    {
      start(given) {
        controller = given
        void port.closed.then(ended => {
          report = ended
          return lookAhead(ended)
        })
      },
      async pull() {
        asked ??= messages.next()
        const next = await asked
        if (over || next.done) return
        asked = undefined
        controller.enqueue(next.value)
        if (report !== undefined) await lookAhead(report)
      },
      async cancel(reason) {
        over = true
        try {
          closeWith(port, reason)
        } finally {
          await messages.return?.()
        }
      },
    },
    { highWaterMark: 0 },
  )
}

function createWritable(port: StreamPort): WritableStream<Message> {
  let wake: (() => void) | undefined
  return new WritableStream<Message>({
    start(controller) {
      // An abort is told to us only after the write in progress, which may be waiting for a peer that never reads. (Node's
      // types do not have the signal yet.)
      const { signal } = controller as WritableStreamDefaultController & { readonly signal: AbortSignal }
      signal.addEventListener('abort', () => wake?.(), { once: true })
      void port.closed.then(report => controller.error(endError(report)))
    },
    async write(data) {
      if (port.state !== 'open') throw new WebSocketError('the connection is no longer open')
      if (port.send(data)) return
      await new Promise<void>(resolve => {
        wake = resolve
        void port.ready.then(resolve)
      })
      wake = undefined
      if (hasEnded(port)) throw endError(await port.closed)
    },
    close: () => port.close(1000),
    abort: reason => closeWith(port, reason),
  })
}

/** Closes with what a `WebSocketError`, or whatever looks like one, asks for; with 1000 all the same if that may not travel. */
function closeWith(port: StreamPort, reason: unknown): void {
  const { closeCode, reason: text } = Object(reason) as { closeCode?: unknown; reason?: unknown }
  if (typeof closeCode !== 'number') {
    port.close(1000)
    return
  }
  try {
    port.close(closeCode, typeof text === 'string' ? text : '')
  } catch (error) {
    port.close(1000)
    throw error
  }
}

function hasEnded(port: StreamPort): boolean {
  return port.state === 'closed'
}

function endError({ code, reason, cause }: CloseReport): WebSocketError {
  const options = { closeCode: code, reason }
  return new WebSocketError(
    `the connection has ended (${code})`,
    cause === undefined ? options : { ...options, cause },
  )
}
