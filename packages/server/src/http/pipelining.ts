// The HTTP requests that a client pipelines, before it has read the responses to earlier ones.
// Their number is limited: Node keeps each in memory until the responses before it have been read,
// and thousands of them fit into one packet.

import type { RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Unanswered requests of one connection. Browsers and proxies wait for each response. */
const MAX_UNANSWERED = 64

/** Calls `listener` for each request, and closes connections with more than 64 unanswered ones. */
export function limitPipelining(listener: RequestListener): RequestListener {
  const unanswered = new WeakMap<Socket, number>()
  return (request, response) => {
    const { socket } = request
    // The rest of a packet is parsed even though the connection is closed.
    if (socket.destroyed) return
    const count = (unanswered.get(socket) ?? 0) + 1
    if (count > MAX_UNANSWERED) {
      socket.destroy()
      return
    }
    unanswered.set(socket, count)
    response.on('close', () => unanswered.set(socket, unanswered.get(socket)! - 1))
    listener(request, response)
  }
}

/** Milliseconds in which a client must take some of the response before its upgrade request. */
const STALLED = 30_000

/** Undocumented: the response that Node writes to a connection; the others wait behind it. */
type HttpSocket = Duplex & { readonly _httpMessage?: ServerResponse | null; readonly bytesWritten?: number }

/** Whether a response to an earlier request on this connection has not been written yet. */
export function isAnswering(transport: HttpSocket): boolean {
  return transport._httpMessage != null
}

/** Whether the application has still to end that response. */
export function isUnfinished(transport: HttpSocket): boolean {
  return transport._httpMessage?.writableEnded === false
}

/**
 * Resolves when the first of these responses has been written, or the connection is gone, as it is
 * made to be when its client reads nothing.
 */
export function responseWritten(transport: HttpSocket): Promise<void> {
  const response = transport._httpMessage
  if (response == null) return Promise.resolve()
  // Node no longer listens to a transport that was given to an `upgrade` listener.
  const onDrain = (): void => void response.emit('drain')
  let before = ''
  const timer = setInterval(() => {
    const progress = `${transport.bytesWritten} ${transport.writableLength}`
    if (transport.writableLength > 0 && progress === before) transport.destroy()
    before = progress
  }, STALLED)
  timer.unref()
  transport.on('drain', onDrain)
  return new Promise(resolve => {
    response.once('close', () => {
      clearInterval(timer)
      transport.off('drain', onDrain)
      resolve()
    })
  })
}
