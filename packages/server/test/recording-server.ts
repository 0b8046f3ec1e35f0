// A server that records its events, for tests over real sockets.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo, Socket as NetSocket } from 'node:net'
import {
  type CloseInfo,
  type Handlers,
  type ServerOptions,
  type Socket,
  WebSocketServer,
} from '../src/index.ts'

export type Event =
  | readonly ['open', Socket]
  | readonly ['message', string | Uint8Array]
  | readonly ['drain', Socket]
  | readonly ['close', CloseInfo]
  | readonly ['error', unknown]

/** A server attached to an HTTP server of its own, with its events and transports in order. */
export class RecordingServer {
  readonly server: WebSocketServer<unknown>
  readonly http: Server | HttpsServer
  readonly events: Event[] = []
  readonly transports: NetSocket[] = []
  readonly #counts = new Map<Event[0], number>()
  readonly #waiting = new Set<() => void>()

  /** Records each event before it calls the handler in `options`. */
  constructor(options: ServerOptions = {}, http: Server | HttpsServer = createServer()) {
    this.http = http
    const handlers: Handlers = {
      open: socket => {
        this.#record(['open', socket])
        return options.open?.(socket)
      },
      message: (socket, data, type) => {
        this.#record(['message', data])
        return options.message?.(socket, data, type)
      },
      drain: socket => {
        this.#record(['drain', socket])
        return options.drain?.(socket)
      },
      close: (socket, report) => {
        this.#record(['close', report])
        return options.close?.(socket, report)
      },
      error: (error, socket) => {
        this.#record(['error', error])
        return options.error?.(error, socket)
      },
    }
    this.server = new WebSocketServer({ ...options, ...handlers })
    this.http.on('upgrade', (_request, transport) => this.transports.push(transport as NetSocket))
    this.server.attach(this.http)
  }

  static async start(options?: ServerOptions, http?: Server | HttpsServer): Promise<RecordingServer> {
    const recorder = new RecordingServer(options, http)
    recorder.http.listen(0, '127.0.0.1')
    await once(recorder.http, 'listening')
    return recorder
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port
  }

  get names(): string[] {
    return this.events.map(([name]) => name)
  }

  get messages(): (string | Uint8Array)[] {
    return this.events.flatMap(event => (event[0] === 'message' ? [event[1]] : []))
  }

  get reports(): CloseInfo[] {
    return this.events.flatMap(event => (event[0] === 'close' ? [event[1]] : []))
  }

  get errors(): unknown[] {
    return this.events.flatMap(event => (event[0] === 'error' ? [event[1]] : []))
  }

  until(name: Event[0], count = 1): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const check = () => {
      if ((this.#counts.get(name) ?? 0) < count) return
      this.#waiting.delete(check)
      resolve()
    }
    this.#waiting.add(check)
    check()
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close({ timeout: 0 })
    this.http.close()
    this.http.closeAllConnections()
    await once(this.http, 'close')
  }

  #record(event: Event): void {
    this.events.push(event)
    this.#counts.set(event[0], (this.#counts.get(event[0]) ?? 0) + 1)
    for (const check of this.#waiting) check()
  }
}

/** A promise and the function that resolves it, to hold up a handler. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: () => resolve() }
}
