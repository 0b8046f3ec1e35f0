// What several programs need: servers on a free port, events, and the events of a socket in order.

import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WebSocket } from 'ws'

/** Listens on a free port of 127.0.0.1 and resolves with it. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Closes an HTTP server with its connections. */
export async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** Collects values that arrive through a callback, and hands them out in order. */
export class Inbox<T> {
  readonly #values: T[] = []
  #wake: (() => void) | undefined

  readonly push = (value: T): void => {
    this.#values.push(value)
    this.#wake?.()
  }

  /** Resolves with the next value. */
  async next(): Promise<T> {
    while (this.#values.length === 0) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    return this.#values.shift()!
  }

  /** Resolves with the next `count` values. */
  async take(count: number): Promise<T[]> {
    const taken: T[] = []
    while (taken.length < count) taken.push(await this.next())
    return taken
  }
}

/** Resolves with the code and the reason of a socket's close, after an error as well. */
export function closeOf(socket: WebSocket): Promise<[code: number, reason: string]> {
  socket.on('error', () => {})
  return new Promise(resolve => {
    socket.once('close', (code, reason) => resolve([code, String(reason)]))
  })
}
