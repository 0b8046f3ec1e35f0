// Limits the HTTP requests that a client pipelines. Node keeps each in memory until the responses
// before it have been read, and thousands of them fit into one packet.

import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'

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
