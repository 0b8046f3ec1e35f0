// Both directions of a socket as web streams, as in `WebSocketStream`, with backpressure both ways.

import type { ReadableStreamDefaultController, WritableStreamDefaultController } from 'node:stream/web'
import { type BinaryLike, type CloseInfo, type Message, WebSocketError } from '@ws/protocol'

/** The socket under the streams. */
export interface StreamPort {
  /** Whether messages can be sent. */
  readonly canSend: boolean
  /** Resolves when there is room below the high-water mark, or the connection has ended. */
  readonly ready: Promise<void>
  /** Resolves with the close report once it is known. Never rejects. */
  readonly closed: Promise<CloseInfo>
  /** Resolves with the close report once it is known and nothing can be sent any more. */
  readonly sendingEnded: Promise<CloseInfo>
  /** Returns false above the high-water mark, or if the message cannot be sent. */
  send(data: string | BinaryLike): boolean
  close(code?: number, reason?: string): void
}

/** Both directions of one socket. */
export interface SocketStreams {
  /**
   * The received messages. The peer is held back until the stream is read. Closes when the
   * connection has closed cleanly, otherwise errors with a `WebSocketError`. Read it to its end or
   * cancel it, because the end waits behind unread messages. Canceling it closes the socket.
   */
  readonly readable: ReadableStream<Message>
  /**
   * The messages to send. A write resolves when there is room for another. Closing it closes the
   * socket with 1000; aborting it with the `closeCode` and `reason` of a `WebSocketError`, or with
   * 1000. Errors when nothing can be sent any more.
   */
  readonly writable: WritableStream<string | BinaryLike>
}

/** Creates the streams. They take the only iterator of `messages`, and send with `port`. */
export function createStreams(messages: AsyncIterable<Message>, port: StreamPort): SocketStreams {
  return { readable: createReadable(messages[Symbol.asyncIterator](), port), writable: createWritable(port) }
}

function createReadable(messages: AsyncIterator<Message>, port: StreamPort): ReadableStream<Message> {
  let controller: ReadableStreamDefaultController<Message>
  let report: CloseInfo | undefined
  /** A message that was requested and not enqueued yet. */
  let requested: Promise<IteratorResult<Message>> | undefined
  let isOver = false

  /** Finds out whether the last message has been read; the peer need not be held back any more. */
  async function lookAhead(ended: CloseInfo): Promise<void> {
    requested ??= messages.next()
    const { done } = await requested
    if (!done || isOver) return
    isOver = true
    if (ended.wasClean) controller.close()
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
        requested ??= messages.next()
        const next = await requested
        if (isOver || next.done) return
        requested = undefined
        controller.enqueue(next.value)
        if (report !== undefined) await lookAhead(report)
      },
      async cancel(reason) {
        isOver = true
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

function createWritable(port: StreamPort): WritableStream<string | BinaryLike> {
  let wake: (() => void) | undefined
  let report: CloseInfo | undefined
  return new WritableStream<string | BinaryLike>({
    start(controller) {
      // `abort` is called only after the write in progress, which may wait for a peer that never
      // reads. Node's types lack the signal.
      const { signal } = controller as WritableStreamDefaultController & { readonly signal: AbortSignal }
      signal.addEventListener('abort', () => wake?.(), { once: true })
      void port.sendingEnded.then(ended => {
        report = ended
        controller.error(endError(ended))
      })
    },
    async write(data) {
      if (!port.canSend) throw new WebSocketError('the connection is no longer open')
      if (port.send(data)) return
      await new Promise<void>(resolve => {
        wake = resolve
        void port.ready.then(resolve)
      })
      wake = undefined
      if (report !== undefined) throw endError(report)
    },
    close: () => port.close(1000),
    abort: reason => closeWith(port, reason),
  })
}

/**
 * Closes with the code and reason of a `WebSocketError` or its like; with 1000 if they must not be
 * sent.
 */
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

function endError({ code, reason, cause }: CloseInfo): WebSocketError {
  const options = { closeCode: code, reason }
  return new WebSocketError(
    `the connection has ended (${code})`,
    cause === undefined ? options : { ...options, cause },
  )
}
