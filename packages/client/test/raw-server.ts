// A TCP or TLS server for tests that answers clients with raw bytes.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { computeAccept } from '@ws/handshake'
import { headLength } from '@ws/testing'

/** One client of a `RawServer`. */
export class RawClient {
  readonly socket: Socket
  /** Resolves when the connection is closed or reset. */
  readonly closed: Promise<void>
  #received = Buffer.alloc(0)
  #check: (() => void) | undefined

  constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise(resolve => socket.once('close', () => resolve()))
    socket.on('error', () => {})
    socket.on('data', chunk => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#check?.()
    })
  }

  /** All that was received, as latin1. */
  get received(): string {
    return this.#received.toString('latin1')
  }

  /** Takes the head of a request. */
  async head(): Promise<string> {
    await this.until(() => headLength(this.#received) > 0)
    return this.#take(headLength(this.#received)).toString('latin1')
  }

  /** Takes this many bytes. */
  async bytes(length: number): Promise<Buffer> {
    await this.until(() => this.#received.length >= length)
    return this.#take(length)
  }

  write(data: string | Uint8Array): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
  }

  /** Answers a request with 101; `lines` are added to it, and `frames` are in the same packet. */
  async accept(lines = '', frames: Uint8Array = new Uint8Array(0)): Promise<string> {
    const head = await this.head()
    this.write(Buffer.concat([Buffer.from(acceptance(head, lines), 'latin1'), frames]))
    return head
  }

  until(isSatisfied: () => boolean): Promise<void> {
    return new Promise(resolve => {
      this.#check = () => {
        if (!isSatisfied()) return
        this.#check = undefined
        resolve()
      }
      this.#check()
    })
  }

  #take(length: number): Buffer {
    const taken = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    return taken
  }
}

/** The 101 for a request; `lines` are added to it. */
export function acceptance(head: string, lines = ''): string {
  const [, key = ''] = /^sec-websocket-key: (.*)\r$/im.exec(head) ?? []
  const accept = computeAccept(key)
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${lines}\r\n`
}

/** A server on a free port. Disposal closes it and its connections. */
export class RawServer {
  readonly clients: RawClient[] = []
  readonly errors: unknown[] = []
  readonly #server: Server
  readonly #isSecure: boolean

  private constructor(server: Server, isSecure: boolean) {
    this.#server = server
    this.#isSecure = isSecure
  }

  /** Calls `serve` for each client. */
  static async start(
    serve: (client: RawClient, index: number) => unknown = () => {},
    { tls, path, host = '127.0.0.1' }: { tls?: TlsOptions; path?: string; host?: string } = {},
  ): Promise<RawServer> {
    const server = tls === undefined ? createServer({ noDelay: true }) : createTlsServer(tls)
    const started = new RawServer(server, tls !== undefined)
    server.on('tlsClientError', () => {})
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      const client = new RawClient(socket)
      const index = started.clients.push(client) - 1
      Promise.resolve(serve(client, index)).catch((error: unknown) => started.errors.push(error))
    })
    if (path === undefined) server.listen(0, host)
    else server.listen(path)
    await once(server, 'listening')
    return started
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** `ws://127.0.0.1:PORT`, or with `wss:` and `localhost`. */
  get url(): string {
    return this.#isSecure ? `wss://localhost:${this.port}` : `ws://127.0.0.1:${this.port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const { socket } of this.clients) socket.destroy()
    await Promise.all(this.clients.map(({ closed }) => closed))
  }
}
