// A socket of `@ws/client` over the platform's `WebSocket`.

import type { PieceSource, Sendable, SocketStreams } from '@ws/connection'
import type { CloseInfo, Message, MessageType, PreparedMessage, SendOptions, State } from '@ws/protocol'
import { MessageQueue } from './message-queue.ts'
import { type ClientSocket, type ConnectOptions, checkOptions, SEND } from './web-options.ts'

/** Throws a `TypeError` for bytes that are not valid, and keeps a byte order mark. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Milliseconds between two looks at `bufferedAmount`: the platform does not say when it sinks. */
const POLL = 20
/** Added to the codes of the protocol, because pages may send 1000 and 3000–4999 only. */
const PAGE_CODES = 3000
const INTERNAL_ERROR = 1011

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
  /** The code of `close`, by the one that was sent in its place. */
  #codes: Record<number, number> = {}
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
      const by = this.#isLocal ? 'local' : wasClean ? 'peer' : 'network'
      this.#end({ code: this.#codes[code] ?? code, reason, wasClean, by })
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

  send(data: Sendable, options: SendOptions = {}): boolean {
    checkOptions(options, SEND)
    const content = contentOf(data, options.type)
    if (this.#state !== 'open') return false
    this.#webSocket.send(content)
    if (this.bufferedAmount < this.#highWaterMark) return true
    this.#room ??= this.#waitForRoom()
    return false
  }

  /** Gathers the pieces: the platform sends whole messages only. */
  async sendStream(source: PieceSource, options: SendOptions = {}): Promise<void> {
    const pieces: string[] = []
    for await (const piece of source) pieces.push(piece as string)
    const type = options.type ?? (typeof pieces[0] === 'string' ? 'text' : 'binary')
    const other = type === 'text' ? 'binary' : 'text'
    if (pieces.some(piece => (typeof piece === 'string') !== (type === 'text')))
      throw new TypeError(`a ${type} message has no ${other} piece`)
    const message = type === 'text' ? pieces.join('') : await new Blob(pieces).arrayBuffer()
    if (this.#state !== 'open') throw new Error('the socket has closed')
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
          else controller.error(new Error(`the socket has closed (${code})`))
        },
        cancel: () => socket.finish(),
      }),
      writable: new WritableStream<string | Uint8Array>({
        async write(data) {
          if (socket.#state !== 'open') throw new Error('the socket has closed')
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

  /** A code from 1001 to 2999 is sent as that number + 3000. Drops unread messages. */
  close(code?: number, reason?: string): void {
    if (code === undefined && reason) throw new TypeError('a close reason needs a code (RFC 6455 §5.5.1)')
    const sent = code! > 1000 && code! < PAGE_CODES ? code! + PAGE_CODES : code
    this.#webSocket.close(sent, reason)
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#isLocal = true
    this.#codes = { [sent!]: code! }
    this.#messages.discard()
    this.resume()
  }

  terminate(): void {
    if (this.#state === 'closed') return
    this.close()
    this.#end({ code: 1006, reason: '', wasClean: false, by: 'local' })
  }

  /** Closes with 1000 and drops unread messages. */
  finish(): void {
    this.close(1000)
    // The peer may have closed before.
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
    if (this.#state === 'closed') return
    this.#messages.end()
    this.#state = this.#messages.isEmpty ? 'closed' : 'closing'
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

/** What to pass to the platform: a string for a text, and bytes for a binary message. */
function contentOf(data: Sendable, type: MessageType | undefined): string | Uint8Array<ArrayBuffer> {
  const prepared: Partial<PreparedMessage> = Object(data)
  const content = prepared.data ?? data
  if (typeof content === 'string') {
    return (type ?? prepared.type) === 'binary' ? new TextEncoder().encode(content) : content
  }
  if (!(content instanceof ArrayBuffer || ArrayBuffer.isView(content)))
    throw new TypeError('message must be a string, an ArrayBuffer, a view of one or a prepared message')
  // The platform accepts every view.
  const bytes = content as Uint8Array<ArrayBuffer>
  return (type ?? prepared.type) === 'text' ? UTF8.decode(bytes) : bytes
}

/** Pages cannot pass a cause to the constructor. */
function abortError(report: CloseInfo): DOMException {
  const error = new DOMException(`the socket has closed (${report.code})`, 'AbortError')
  return Object.assign(error, { cause: report })
}
