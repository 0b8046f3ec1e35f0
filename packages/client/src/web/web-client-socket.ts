// A socket of `@ws/client` over the platform's `WebSocket`.

import type { PieceSource, Sendable, SocketStreams } from '@ws/connection'
import type { CloseInfo, Message, SendOptions, State } from '@ws/protocol'
import { MessageQueue } from './message-queue.ts'
import type { ClientSocket, ConnectOptions } from './web-options.ts'

/** Milliseconds between two looks at `bufferedAmount`: the platform does not say when it sinks. */
const POLL = 20
/** Pages may send 1000 and 3000–4999 only, so this stands for 1011 (internal error). */
const INTERNAL_ERROR = 4011

let lastId = 0

/** The socket. Its `WebSocket` is open. */
export class WebClientSocket implements ClientSocket {
  readonly data = undefined
  readonly id: number = ++lastId
  readonly path: string
  readonly search: string
  readonly origin: string | undefined = (globalThis as { location?: { origin: string } }).location?.origin
  readonly protocol: string
  readonly extensions: string
  readonly remoteAddress = ''
  readonly latency = undefined
  readonly #webSocket: WebSocket
  readonly #options: ConnectOptions
  readonly #highWaterMark: number
  readonly #messages = new MessageQueue<Message>()
  readonly #closed = Promise.withResolvers<CloseInfo>()
  readonly #abort = new AbortController()
  #isRead = false
  #state: State = 'open'
  #isLocal = false
  #room: Promise<void> | undefined
  #resume: PromiseWithResolvers<void> | undefined

  constructor(webSocket: WebSocket, url: URL, options: ConnectOptions) {
    this.path = url.pathname
    this.search = url.search
    this.protocol = webSocket.protocol
    this.extensions = webSocket.extensions
    this.#webSocket = webSocket
    this.#options = options
    this.#highWaterMark = options.highWaterMark ?? 65_536
    webSocket.binaryType = 'arraybuffer'
    webSocket.onmessage = ({ data }) =>
      this.#messages.add(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer))
    webSocket.onclose = ({ code, reason, wasClean }) => {
      this.#end({ code, reason, wasClean, by: this.#isLocal ? 'local' : wasClean ? 'peer' : 'network' })
    }
    void this.#deliver()
  }

  /** Whether it has handlers for its messages. */
  get isHandled(): boolean {
    return (this.#options.message ?? this.#options.session) !== undefined
  }

  get state(): State {
    return this.#state
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get closed(): Promise<CloseInfo> {
    return this.#closed.promise
  }

  get bufferedAmount(): number {
    return this.#webSocket.bufferedAmount
  }

  get ready(): Promise<void> {
    return this.#room ?? Promise.resolve()
  }

  send(data: Sendable, { type, ...others }: SendOptions = {}): boolean {
    const [name] = Object.keys(others)
    if (name !== undefined) throw new TypeError(`the option ${name} is not available on this platform`)
    const content = typeof data === 'object' && 'data' in data ? data.data : (data as string | Uint8Array)
    if (this.#state !== 'open') return false
    if (type === 'text' && typeof content !== 'string')
      this.#webSocket.send(new TextDecoder().decode(content))
    else if (type === 'binary' && typeof content === 'string')
      this.#webSocket.send(new TextEncoder().encode(content))
    else this.#webSocket.send(content as string)
    if (this.bufferedAmount < this.#highWaterMark) return true
    this.#room ??= this.#waitForRoom()
    return false
  }

  /** Gathers the pieces: the platform sends whole messages only. */
  async sendStream(source: PieceSource, options: SendOptions = {}): Promise<void> {
    const pieces: (string | Uint8Array)[] = []
    for await (const piece of source) pieces.push(piece as string | Uint8Array)
    const blob = new Blob(pieces as string[])
    const isText = typeof pieces[0] === 'string'
    const message = isText ? await blob.text() : await blob.arrayBuffer()
    if (this.#state !== 'open') throw new Error('the connection is no longer open')
    this.send(message, options)
    await this.ready
  }

  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    if (this.#options.message !== undefined)
      throw new TypeError('a socket is read by a loop or by a message handler, not by both')
    if (this.#isRead) throw new TypeError('this can be iterated once only')
    this.#isRead = true
    return this.#messages
  }

  streams(): SocketStreams {
    const messages = this[Symbol.asyncIterator]()
    const socket = this
    return {
      readable: new ReadableStream<Message>({
        async pull(controller) {
          const { done, value } = await messages.next()
          if (!done) return controller.enqueue(value)
          const { wasClean, code } = await socket.closed
          if (wasClean) controller.close()
          else controller.error(new Error(`the connection has ended (${code})`))
        },
        cancel: () => socket.finish(),
      }),
      writable: new WritableStream<string | Uint8Array>({
        async write(data) {
          if (socket.#state !== 'open') throw new Error('the connection is no longer open')
          if (!socket.send(data)) await socket.ready
        },
        close: () => socket.close(1000),
        abort: () => socket.close(1000),
      }),
    }
  }

  ping(): never {
    throw new TypeError('ping is not available on this platform')
  }

  pong(): never {
    throw new TypeError('pong is not available on this platform')
  }

  /** Holds the `message` handler back; messages wait in memory. */
  pause(): void {
    if (this.#state === 'open') this.#resume ??= Promise.withResolvers()
  }

  resume(): void {
    this.#resume?.resolve()
    this.#resume = undefined
  }

  close(code?: number, reason?: string): void {
    this.#webSocket.close(code, reason)
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#isLocal = true
    this.resume()
  }

  terminate(): void {
    if (this.#state === 'closed') return
    this.close()
    this.#messages.discard()
    this.#end({ code: 1006, reason: '', wasClean: false, by: 'local' })
  }

  /** Closes with 1000 and drops unread messages. */
  finish(): void {
    this.close(1000)
    this.#messages.discard()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.finish()
    await this.closed
  }

  /** Calls the handlers, one after the other, and then `close`. */
  async #deliver(): Promise<void> {
    const { open, session, message, format } = this.#options
    const handler = format === undefined ? message : message && format.wrap(message as never)
    try {
      await open?.(this)
      if (session !== undefined) {
        await session(this)
        this.finish()
      } else if (handler !== undefined) {
        for await (const data of this.#messages) {
          await this.#resume?.promise
          await handler(this, data as never, typeof data === 'string' ? 'text' : 'binary')
        }
      }
    } catch (error) {
      this.#fail(error)
    }
    await this.#messages.drained
    const report = await this.closed
    try {
      await this.#options.close?.(this, report)
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    // A handler that rejects because the socket has closed has not failed.
    if (this.signal.aborted && error === this.signal.reason) return
    if (this.#options.error === undefined) console.error(error)
    else this.#options.error(error, this)
    this.close(INTERNAL_ERROR, 'internal error')
    this.#messages.discard()
  }

  #end(report: CloseInfo): void {
    if (this.#state !== 'closed') this.#messages.end()
    this.#state = this.#state === 'closed' ? 'closed' : 'closing'
    this.resume()
    this.#closed.resolve(report)
    this.#abort.abort(abortError(report))
    void this.#messages.drained.then(() => {
      this.#state = 'closed'
    })
  }

  async #waitForRoom(): Promise<void> {
    while (this.#webSocket.readyState === 1 && this.bufferedAmount >= this.#highWaterMark)
      await new Promise(resolve => setTimeout(resolve, POLL))
    this.#room = undefined
    if (this.#state === 'open') await this.#options.drain?.(this)
  }
}

/** Pages cannot pass a cause to the constructor. */
function abortError(report: CloseInfo): DOMException {
  const error = new DOMException(`the socket has closed (${report.code})`, 'AbortError')
  return Object.defineProperty(error, 'cause', { value: report, configurable: true, writable: true })
}
