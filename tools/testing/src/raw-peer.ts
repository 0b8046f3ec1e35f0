// A TCP or TLS client for tests that sends and receives raw bytes.

import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

const DEFAULT_TIMEOUT = 5000

/** A raw TCP or TLS client. Disposal (`await using`) destroys its connection. */
export class RawPeer {
  readonly #socket: Socket
  /** The TCP socket, which is `#socket` itself without TLS. */
  readonly #tcp: Socket
  /** The checks of pending waits, called after every event. */
  readonly #checks = new Set<() => void>()
  #buffer = Buffer.alloc(0)
  #length = 0
  #ended = false
  #closed = false
  #error: Error | undefined

  private constructor(socket: Socket, tcp = socket) {
    this.#socket = socket
    this.#tcp = tcp
    socket.on('data', chunk => this.#append(chunk))
    socket.on('end', () => {
      this.#ended = true
      this.#check()
    })
    socket.on('error', error => {
      this.#error = error
    })
    socket.on('close', () => {
      this.#closed = true
      this.#check()
    })
  }

  /** Connects. After a FIN of the server the connection stays half open until `end` or `reset`. */
  static connect(port: number, host = '127.0.0.1'): Promise<RawPeer> {
    const { promise, resolve, reject } = Promise.withResolvers<RawPeer>()
    const socket = connect({ port, host, allowHalfOpen: true, noDelay: true })
    const peer = new RawPeer(socket)
    socket.once('connect', () => resolve(peer))
    socket.once('error', reject)
    return promise
  }

  /** Connects over TLS to a server with this certificate for `localhost`. */
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

  get received(): Uint8Array {
    return new Uint8Array(this.#buffer.buffer, this.#buffer.byteOffset, this.#length)
  }

  get localPort(): number {
    return this.#socket.localPort!
  }

  /** Sends bytes, or a string as latin1. Resolves when the write has finished or failed. */
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

  /** Stops reading, so the buffers of the kernel fill up. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /**
   * Resolves with the received bytes once all of them satisfy the predicate. Rejects, with the
   * received bytes in its message, when the server has ended its side first, or after `timeout`
   * milliseconds.
   */
  until(
    predicate: (received: Uint8Array) => boolean,
    timeout: number = DEFAULT_TIMEOUT,
  ): Promise<Uint8Array> {
    return this.#wait(timeout, 'no such bytes', () => predicate(this.received), true)
  }

  /** Resolves with an HTTP head, including its empty line. Rejects as `until` does. */
  async head(timeout: number = DEFAULT_TIMEOUT): Promise<string> {
    const received = await this.until(bytes => headLength(bytes) > 0, timeout)
    return Buffer.from(received.subarray(0, headLength(received))).toString('latin1')
  }

  /** Resolves with the received bytes at the FIN. Rejects at a reset, or after `timeout`. */
  ended(timeout: number = DEFAULT_TIMEOUT): Promise<Uint8Array> {
    return this.#wait(timeout, 'no FIN', () => this.#ended, false)
  }

  /** Resolves when the connection is closed or reset. */
  async closed(timeout: number = DEFAULT_TIMEOUT): Promise<void> {
    if (!this.#closed) await this.#wait(timeout, 'not closed', () => this.#closed, false)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await this.closed()
  }

  #append(chunk: Buffer): void {
    const length = this.#length + chunk.length
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    chunk.copy(this.#buffer, this.#length)
    this.#length = length
    this.#check()
  }

  #check(): void {
    for (const check of this.#checks) check()
  }

  #wait(
    timeout: number,
    missing: string,
    isSatisfied: () => boolean,
    needsBytes: boolean,
  ): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const fail = (reason: string): void =>
      reject(new Error(`${missing}: ${reason}; so far ${this.#describe()}`))
    const check = (): void => {
      if (isSatisfied()) resolve(this.received)
      else if (this.#closed) fail(`the connection is gone${this.#error ? ` (${this.#error.message})` : ''}`)
      else if (needsBytes && this.#ended) fail('the other side has ended')
    }
    const timer = setTimeout(() => fail(`${timeout} ms have passed`), timeout)
    this.#checks.add(check)
    check()
    return promise.finally(() => {
      clearTimeout(timer)
      this.#checks.delete(check)
    })
  }

  #describe(): string {
    const shown = Buffer.from(this.received.subarray(0, 512)).toString('latin1')
    return `${this.#length} bytes: ${JSON.stringify(shown)}${this.#length > 512 ? ' …' : ''}`
  }
}

/** Header lines by name: one value, several, or undefined to omit the line. */
export type Lines = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The example request of RFC 6455 §1.3 for this path. `lines` are added to its header, or replace
 * the lines of the same name; `requestLine` replaces the first line.
 */
export function upgradeRequest(path = '/', lines: Lines = {}, requestLine = `GET ${path} HTTP/1.1`): string {
  const defaults: Lines = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
  }
  const header = Object.entries({ ...defaults, ...lines }).flatMap(([name, value = []]) =>
    [value].flat().map(line => `${name}: ${line}\r\n`),
  )
  return `${requestLine}\r\n${header.join('')}\r\n`
}

/** The length of an HTTP head, including its empty line; 0 if it is incomplete. */
export function headLength(bytes: Uint8Array): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('\r\n\r\n')
  return at < 0 ? 0 : at + 4
}
