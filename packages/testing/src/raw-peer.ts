// A TCP or TLS client for tests that sends arbitrary bytes and records the bytes received.

import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** The timeout of a wait for bytes, in milliseconds. */
const PATIENCE = 5000

/** Checks the condition of a waiting call. */
type Look = () => void

/** A raw TCP peer. Use `await using peer = await RawPeer.connect(port)`. */
export class RawPeer {
  readonly #socket: Socket
  /** The TCP socket; the same socket without TLS. */
  readonly #tcp: Socket
  readonly #waiting = new Set<Look>()
  #buffer = Buffer.alloc(0)
  #length = 0
  #ended = false
  #closed = false
  #error: Error | undefined

  private constructor(socket: Socket, tcp = socket) {
    this.#socket = socket
    this.#tcp = tcp
    socket.on('data', chunk => this.#take(chunk))
    socket.on('end', () => {
      this.#ended = true
      this.#look()
    })
    socket.on('error', error => {
      this.#error = error
    })
    socket.on('close', () => {
      this.#closed = true
      this.#look()
    })
  }

  /** Connects. After the other side's FIN the connection stays half open until `end` or `reset`. */
  static connect(port: number, host = '127.0.0.1'): Promise<RawPeer> {
    const { promise, resolve, reject } = Promise.withResolvers<RawPeer>()
    const socket = connect({ port, host, allowHalfOpen: true, noDelay: true })
    const peer = new RawPeer(socket)
    socket.once('connect', () => resolve(peer))
    socket.once('error', reject)
    return promise
  }

  /** Connects over TLS to a server that has this certificate for `localhost`. */
  static connectTls(port: number, certificate: string | Uint8Array, host = '127.0.0.1'): Promise<RawPeer> {
    const { promise, resolve, reject } = Promise.withResolvers<RawPeer>()
    const tcp = connect({ port, host, allowHalfOpen: true, noDelay: true })
    const socket = connectTls({ socket: tcp, servername: 'localhost', ca: Buffer.from(certificate) })
    socket.allowHalfOpen = true
    const peer = new RawPeer(socket, tcp)
    socket.once('secureConnect', () => resolve(peer))
    socket.once('error', reject)
    return promise
  }

  /** All bytes received so far. */
  get received(): Uint8Array {
    return new Uint8Array(this.#buffer.buffer, this.#buffer.byteOffset, this.#length)
  }

  /** The local port. */
  get localPort(): number {
    return this.#socket.localPort!
  }

  /**
   * Sends bytes, or a string as latin1. Resolves when they are written or the connection is closed.
   */
  write(data: string | Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data, () => resolve())
    return promise
  }

  /** Sends FIN. */
  end(): void {
    this.#socket.end()
  }

  /** Sends RST. */
  reset(): void {
    this.#tcp.resetAndDestroy()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /**
   * Waits until the bytes received satisfy the predicate, and returns them. Rejects, with the bytes
   * received, when the other side ends or after `patience` milliseconds.
   */
  until(predicate: (received: Uint8Array) => boolean, patience: number = PATIENCE): Promise<Uint8Array> {
    return this.#wait(patience, 'no such bytes', () => predicate(this.received), true)
  }

  /** Waits for an HTTP head and returns it with its empty line. Rejects as `until` does. */
  async head(patience: number = PATIENCE): Promise<string> {
    const received = await this.until(bytes => headLength(bytes) > 0, patience)
    return Buffer.from(received.subarray(0, headLength(received))).toString('latin1')
  }

  /** Waits for the other side's FIN and returns all bytes received. Rejects for a reset. */
  ended(patience: number = PATIENCE): Promise<Uint8Array> {
    return this.#wait(patience, 'no FIN', () => this.#ended, false)
  }

  /** Waits until the connection is closed, cleanly or not. */
  async closed(patience: number = PATIENCE): Promise<void> {
    if (!this.#closed) await this.#wait(patience, 'not closed', () => this.#closed, false)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await this.closed()
  }

  #take(chunk: Buffer): void {
    const length = this.#length + chunk.length
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    chunk.copy(this.#buffer, this.#length)
    this.#length = length
    this.#look()
  }

  #look(): void {
    for (const look of this.#waiting) look()
  }

  #wait(patience: number, missing: string, satisfied: () => boolean, byBytes: boolean): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const fail = (why: string): void => reject(new Error(`${missing}: ${why}; so far ${this.#describe()}`))
    const look: Look = () => {
      if (satisfied()) resolve(this.received)
      else if (this.#closed) fail(`the connection is gone${this.#error ? ` (${this.#error.message})` : ''}`)
      else if (byBytes && this.#ended) fail('the other side has ended')
    }
    const timer = setTimeout(() => fail(`${patience} ms have passed`), patience)
    this.#waiting.add(look)
    look()
    return promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(look)
    })
  }

  #describe(): string {
    const shown = Buffer.from(this.received.subarray(0, 512)).toString('latin1')
    return `${this.#length} bytes: ${JSON.stringify(shown)}${this.#length > 512 ? ' …' : ''}`
  }
}

/** Header lines by name: a value, several lines, or undefined to omit the header. */
export type Lines = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The request of RFC 6455 §1.3 for a path. `lines` are added to its header or replace lines of the
 * same name. `requestLine` replaces the first line.
 */
export function upgradeRequest(path = '/', lines: Lines = {}, requestLine = `GET ${path} HTTP/1.1`): string {
  const usual: Lines = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
  }
  const header = Object.entries({ ...usual, ...lines }).flatMap(([name, value = []]) =>
    [value].flat().map(one => `${name}: ${one}\r\n`),
  )
  return `${requestLine}\r\n${header.join('')}\r\n`
}

/** The length of the HTTP head including its empty line; 0 if it is incomplete. */
export function headLength(bytes: Uint8Array): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('\r\n\r\n')
  return at < 0 ? 0 : at + 4
}
