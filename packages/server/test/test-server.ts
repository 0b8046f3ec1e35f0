// A server with given handlers, for tests of `session` and `stream`, which exclude the `message`
// handler of `RecordingServer`.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket as NetSocket } from 'node:net'
import { memoryUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type CloseInfo, type ServerOptions, type Socket, WebSocketServer } from '../src/index.ts'

/** A listening server that keeps its close reports, errors and transports. */
export class TestServer {
  readonly server: WebSocketServer<unknown>
  readonly reports: CloseInfo[] = []
  readonly errors: unknown[] = []
  readonly transports: NetSocket[] = []
  readonly #http = createServer()
  readonly #closed = Promise.withResolvers<CloseInfo>()

  private constructor(options: ServerOptions) {
    this.server = new WebSocketServer({
      error: error => void this.errors.push(error),
      ...options,
      close: (socket, report) => {
        this.reports.push(report)
        this.#closed.resolve(report)
        return options.close?.(socket, report)
      },
    })
    this.#http.on('upgrade', (_request, transport) => this.transports.push(transport as NetSocket))
    this.server.attach(this.#http)
  }

  static async start(options: ServerOptions): Promise<TestServer> {
    const server = new TestServer(options)
    server.#http.listen(0, '127.0.0.1')
    await once(server.#http, 'listening')
    return server
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port
  }

  get socket(): Socket {
    const [socket] = this.server.sockets
    return socket!
  }

  get closed(): Promise<CloseInfo> {
    return this.#closed.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close({ timeout: 0 })
    this.#http.close()
    this.#http.closeAllConnections()
    await once(this.#http, 'close')
  }
}

export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate)
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes of memory outside the heap after garbage collection. */
export async function externalMemory(): Promise<number> {
  // Freed buffers are counted a few turns later.
  for (let i = 0; i < 3; i++) {
    collect()
    await turns(2)
  }
  const { arrayBuffers, external } = memoryUsage()
  return arrayBuffers + external
}
