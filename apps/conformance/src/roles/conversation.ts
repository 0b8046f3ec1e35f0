// An ordinary WebSocket of the tester as a server, for everything that is not a case.

import type { Socket } from 'node:net'
import { Protocol } from '@ws/protocol'

export interface Conversation {
  /** Sends a text. */
  send(text: string): void
  /** Sends a Close: empty, or with a code and a reason. */
  close(code?: number, reason?: string): void
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>
}

/** Takes over a socket after its opening handshake. */
export function converse(
  socket: Socket,
  first: Uint8Array,
  onText: (text: string) => void = () => undefined,
): Conversation {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const protocol = new Protocol('server', {
    message: data => {
      if (typeof data === 'string') onText(data)
    },
    close: () => resolve(),
  })
  const flush = () => {
    for (const octets of protocol.takeOutput()) socket.write(octets)
    if (protocol.transportAction === 'end') socket.end()
    else if (protocol.transportAction === 'destroy') socket.destroy()
  }
  const clock = setInterval(() => {
    protocol.tick(performance.now())
    flush()
  }, 500)
  const receive = (octets: Uint8Array) => {
    protocol.receive(octets)
    flush()
  }
  socket.on('data', receive)
  socket.on('close', () => {
    clearInterval(clock)
    protocol.receiveEnd()
    resolve()
  })
  if (first.length > 0) receive(first)
  return {
    closed,
    send(text) {
      protocol.send(text)
      flush()
    },
    close(code, reason) {
      protocol.close(code, reason)
      flush()
    },
  }
}
