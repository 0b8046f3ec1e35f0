// The other end of a TCP or TLS connection as bytes, for tests: sends what no client would send, and shows what came back as it came.
// Knows of HTTP that a head ends in an empty line, and nothing of WebSocket.

import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Milliseconds that a test waits for bytes before it says what came instead. */
const PATIENCE = 5000

/** Whoever waits: looks whenever something has happened. */
type Look = () => void

/** A raw TCP peer. Made by `RawPeer.connect`; gone with its scope (`await using`). */
export class RawPeer {
  readonly #socket: Socket
  /** What carries it: itself, unless it is TLS. */
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

  /** Connects; the connection stays half open when the other side has ended, until `end` or `reset`. */
  static connect(port: number, host = '127.0.0.1'): Promise<RawPeer> {
    const { promise, resolve, reject } = Promise.withResolvers<RawPeer>()
    const socket = connect({ port, host, allowHalfOpen: true, noDelay: true })
    const peer = new RawPeer(socket)
    socket.once('connect', () => resolve(peer))
    socket.once('error', reject)
    return promise
  }

  /** The same over TLS, to a server that has this certificate for `localhost`. */
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

  /** All bytes that have arrived so far. */
  get received(): Uint8Array {
    return new Uint8Array(this.#buffer.buffer, this.#buffer.byteOffset, this.#length)
  }

  /** The port at this end, by which the other side may know us. */
  get localPort(): number {
    return this.#socket.localPort!
  }

  /** Sends bytes, or a text as latin1. Resolves when the kernel has taken them, or never will. */
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

  /** Reads no more: what the other side sends fills the buffers of the kernel. */
  pause(): void {
    this.#socket.pause()
  }

  /** Reads on. */
  resume(): void {
    this.#socket.resume()
  }

  /**
   * Waits until all bytes that have arrived satisfy the predicate, and gives them. Rejects, saying what has arrived, when the
   * other side has ended before, or after `patience` milliseconds.
   */
  until(predicate: (received: Uint8Array) => boolean, patience: number = PATIENCE): Promise<Uint8Array> {
    return this.#wait(patience, 'no such bytes', () => predicate(this.received), true)
  }

  /** Waits for the end of an HTTP head, and gives it with its empty line. Rejects as `until` does. */
  async head(patience: number = PATIENCE): Promise<string> {
    const received = await this.until(bytes => headLength(bytes) > 0, patience)
    return Buffer.from(received.subarray(0, headLength(received))).toString('latin1')
  }

  /** Waits for the other side's FIN, and gives all bytes that came before it. Rejects when there was none but a reset. */
  ended(patience: number = PATIENCE): Promise<Uint8Array> {
    return this.#wait(patience, 'no FIN', () => this.#ended, false)
  }

  /** Waits until nothing is left of the connection, however it ended. */
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

  /** What has arrived, as a reader of a failed test wants it. */
  #describe(): string {
    const shown = Buffer.from(this.received.subarray(0, 512)).toString('latin1')
    return `${this.#length} bytes: ${JSON.stringify(shown)}${this.#length > 512 ? ' …' : ''}`
  }
}

/** Further header lines of a request: others than usual, several of one name, or (undefined) none of it. */
export type Lines = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The text of the request that RFC 6455 §1.3 shows, for that path; `lines` are added to its header, or replace the lines of
 * that name. `requestLine` replaces the first line.
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

/** How many bytes of these are an HTTP head, its empty line included; 0 if it has not ended. */
export function headLength(bytes: Uint8Array): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('\r\n\r\n')
  return at < 0 ? 0 : at + 4
}
