// The class `WebSocket`: its state, its methods and its events, over a connection of
// `@ws/connection`.

import { Buffer } from 'node:buffer'
import type { ClientRequest, ClientRequestArgs, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Connection, type ConnectionConfig, type ConnectionHandlers, nodeHost } from '@ws/connection'
import {
  BY_REFERENCE_FROM,
  type Bytes,
  type CloseInfo,
  type Host,
  isSendableCloseCode,
  type MessageType,
  type OutgoingStream,
  type SendOptions,
} from '@ws/protocol'
import { type Opened, Opening } from './client/opening.ts'
import type { Negotiated } from './compression.ts'
import { ConnectionSender } from './connection-sender.ts'
import { Connections } from './connections.ts'
import { asBuffer, BINARY_TYPES, type BinaryType, type BufferLike, toBinaryType, toBytes } from './data.ts'
import { failureOf } from './errors.ts'
import {
  addHandler,
  type EventHandler,
  type EventListenerOptions,
  type EventName,
  propertyHandler,
  removeHandler,
  setPropertyHandler,
} from './event-target.ts'
import type { CloseEventOf, ErrorEventOf, EventMapOf, EventOf, MessageEventOf } from './events.ts'
import { FragmentedMessage } from './fragmented-message.ts'
import type { ClientOptionsOf, CommonOptions } from './options.ts'
import { MAX_PAYLOAD, settingsOf } from './settings.ts'
import { Emitter } from './typed-emitter.ts'

/** A message as it is emitted: text too. */
export type RawData = Buffer | ArrayBuffer | Buffer[]

/** The arguments of the events of a `WebSocket`. */
export interface WebSocketEvents {
  close: [code: number, reason: Buffer]
  error: [error: Error]
  upgrade: [response: IncomingMessage]
  message: [data: RawData, isBinary: boolean]
  open: []
  ping: [data: Buffer]
  pong: [data: Buffer]
  redirect: [url: string, request: ClientRequest]
  'unexpected-response': [request: ClientRequest, response: IncomingMessage]
}

/** Options of a client. */
export type ClientOptions = ClientOptionsOf<WebSocket>

/** Options of a socket whose opening handshake is over. */
export interface SocketOptions extends CommonOptions {
  /** See `ClientOptions`. */
  generateMask?(mask: Buffer): void
  /** Whether the socket is that of a server. */
  isServer?: boolean | undefined
  /** The subprotocol. */
  readonly subprotocol?: string | undefined
  /** The extension. */
  readonly negotiated?: Negotiated | undefined
}

/** Options of `send`. */
export interface MessageOptions {
  /** Accepted and ignored: a client masks, a server does not (RFC 6455 §5.1). */
  mask?: boolean | undefined
  /** Whether the message is binary. By default a string and a number are text. */
  binary?: boolean | undefined
  /** Whether the message is compressed, if the extension has been negotiated. Default: true. */
  compress?: boolean | undefined
  /** Whether this is the last fragment of a message. Default: true. */
  fin?: boolean | undefined
}

/** Called when data has been written, with an error if that failed. */
export type WrittenCallback = (error?: Error) => void

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3
const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const

/** The longest payload of a control frame and the longest reason of a Close, in bytes. */
const MAX_CONTROL_LENGTH = 125
const MAX_REASON_LENGTH = 123

const COMPRESS: SendOptions = { compress: true }
const OF_TYPE: Record<MessageType, SendOptions> = { text: { type: 'text' }, binary: { type: 'binary' } }
const NO_OPTIONS: MessageOptions = {}

/** The end of a socket, as its `close` event reports it. */
interface End {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

const ABNORMAL: End = { code: 1006, reason: '', wasClean: false }

/** A WebSocket (RFC 6455), of a client or of a server. */
export class WebSocket extends Emitter<WebSocketEvents> {
  /** The connection is not open yet. */
  static readonly CONNECTING: 0 = CONNECTING
  /** The connection is open. */
  static readonly OPEN: 1 = OPEN
  /** The connection is closing. */
  static readonly CLOSING: 2 = CLOSING
  /** The connection is closed. */
  static readonly CLOSED: 3 = CLOSED

  /** The connection is not open yet. */
  declare readonly CONNECTING: 0
  /** The connection is open. */
  declare readonly OPEN: 1
  /** The connection is closing. */
  declare readonly CLOSING: 2
  /** The connection is closed. */
  declare readonly CLOSED: 3

  static {
    STATES.forEach((name, value) => {
      const property = { enumerable: true, writable: false, value }
      Object.defineProperty(WebSocket, name, property)
      Object.defineProperty(WebSocket.prototype, name, property)
    })
  }

  static readonly #connections = new Connections<WebSocket>(socket => socket.#transportClosed())
  static readonly #handlers: ConnectionHandlers<WebSocket> = {
    message: (socket, data, type) => socket.#receive(data as Bytes, type),
    ping: (socket, payload) => socket.#emitSafely('ping', payload),
    pong(socket, payload) {
      // The program has not sent the pings of the connection.
      if (!socket.#connection!.isAnswer(payload)) socket.#emitSafely('pong', payload)
    },
    close: (socket, info) => socket.#report(info),
  }
  static readonly #handlersOneByOne: ConnectionHandlers<WebSocket> = {
    ...WebSocket.#handlers,
    message(socket, data, type) {
      socket.#receive(data as Bytes, type)
      // The next message waits for the next turn of the event loop.
      return new Promise<void>(resolve => setImmediate(resolve))
    },
  }
  static readonly #configs = new Map<string, ConnectionConfig<WebSocket>>()

  /** Whether the socket is that of a server. */
  _isServer: boolean
  readonly #options: ClientOptions & SocketOptions
  #opening: Opening<WebSocket> | undefined
  #connection: Connection<WebSocket> | undefined
  #sender: ConnectionSender | undefined
  #transport: Duplex | undefined
  #binaryType: BinaryType = 'nodebuffer'
  #protocol = ''
  #negotiated: Negotiated | undefined
  #isPaused = false
  /** Before the end of an opening handshake that has been given up. */
  #isAborted = false
  #isTransportClosed = false
  #isClosed = false
  #end: End | undefined
  /** Bytes that were sent too late, which count as buffered. */
  #lost = 0
  #fragments: FragmentedMessage | undefined

  constructor(address: null, protocols?: undefined, options?: SocketOptions)
  constructor(address: string | URL, options?: ClientOptions | ClientRequestArgs)
  constructor(
    address: string | URL,
    protocols?: string | string[],
    options?: ClientOptions | ClientRequestArgs,
  )
  constructor(
    address: string | URL | null,
    protocols?: string | string[] | ClientOptions | ClientRequestArgs,
    options: SocketOptions | ClientOptions | ClientRequestArgs = {},
  ) {
    super()
    if (address === null) {
      this.#options = options as SocketOptions
      this._isServer = this.#options.isServer ?? true
      return
    }
    const isOmitted = typeof protocols === 'object' && protocols !== null && !Array.isArray(protocols)
    this._isServer = false
    this.#options = { maxPayload: MAX_PAYLOAD, ...((isOmitted ? protocols : options) as ClientOptions) }
    settingsOf(this.#options)
    const list = isOmitted ? [] : Array.isArray(protocols) ? protocols : [protocols]
    this.#opening = new Opening<WebSocket>(
      this,
      address,
      list.filter(protocol => protocol !== undefined && protocol !== null) as string[],
      this.#options,
      { opened: result => this.#opened(result), failed: error => this.#failed(error) },
    )
    this.#opening.start()
  }

  // ── properties ────────────────────────────────────────────────────────────────────────────────

  /** The URL of a client, after redirects; undefined for a server's socket. */
  get url(): string {
    return this.#opening?.url as string
  }

  /** The negotiated subprotocol, or an empty string. */
  get protocol(): string {
    return this.#protocol
  }

  /** The name of the negotiated extension, or an empty string. */
  get extensions(): string {
    return this.#negotiated?.extension.name ?? ''
  }

  /** One of `CONNECTING`, `OPEN`, `CLOSING` and `CLOSED`. */
  get readyState(): 0 | 1 | 2 | 3 {
    if (this.#isClosed) return CLOSED
    if (this.#connection === undefined) return this.#isAborted ? CLOSING : CONNECTING
    return this.#connection.canSend ? OPEN : CLOSING
  }

  /** Bytes that were sent and that the network has not taken. */
  get bufferedAmount(): number {
    const output = this.#connection?.output
    if (output === undefined) return this.#lost
    // Messages of this turn of the event loop are written now, rather than counted.
    output.flush()
    return output.bufferedAmount + this.#lost
  }

  /** Whether `pause` has been called. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** The type in which binary messages are emitted. Values that are unknown are ignored. */
  get binaryType(): BinaryType {
    return this.#binaryType
  }

  set binaryType(type: BinaryType) {
    if (BINARY_TYPES.includes(type)) this.#binaryType = type
  }

  /** The transport: a `net.Socket` or a `tls.TLSSocket`, if the socket is of an HTTP server. */
  get _socket(): Duplex | null {
    return this.#transport ?? null
  }

  /** Sends frames that are encoded already, for programs that send one to many sockets. */
  get _sender(): ConnectionSender | null {
    if (this.#connection === undefined) return null
    this.#sender ??= new ConnectionSender(this.#connection.output)
    return this.#sender
  }

  /** The request of a client that is connecting. */
  get _req(): ClientRequest | null {
    return this.#opening?.request ?? null
  }

  /** Whether both sides have sent a Close frame. */
  get wasClean(): boolean {
    return this.#end?.wasClean ?? false
  }

  // ── the interface EventTarget ─────────────────────────────────────────────────────────────────

  /** Called when the connection is open. */
  get onopen(): ((event: EventOf<WebSocket>) => void) | null {
    return this.#property('open')
  }

  set onopen(handler: ((event: EventOf<WebSocket>) => void) | null) {
    setPropertyHandler(this, 'open', handler)
  }

  /** Called with an error. */
  get onerror(): ((event: ErrorEventOf<WebSocket>) => void) | null {
    return this.#property('error')
  }

  set onerror(handler: ((event: ErrorEventOf<WebSocket>) => void) | null) {
    setPropertyHandler(this, 'error', handler)
  }

  /** Called when the connection is closed. */
  get onclose(): ((event: CloseEventOf<WebSocket>) => void) | null {
    return this.#property('close')
  }

  set onclose(handler: ((event: CloseEventOf<WebSocket>) => void) | null) {
    setPropertyHandler(this, 'close', handler)
  }

  /** Called with a message. */
  get onmessage(): ((event: MessageEventOf<WebSocket>) => void) | null {
    return this.#property('message')
  }

  set onmessage(handler: ((event: MessageEventOf<WebSocket>) => void) | null) {
    setPropertyHandler(this, 'message', handler)
  }

  /** Adds a listener of `open`, `message`, `close` or `error` that gets event objects. */
  addEventListener<Name extends EventName>(
    type: Name,
    listener: EventHandler<EventMapOf<WebSocket>[Name]>,
    options?: EventListenerOptions,
  ): void {
    addHandler(this, type, listener, options)
  }

  /** Removes a listener that `addEventListener` has added. */
  removeEventListener<Name extends EventName>(
    type: Name,
    listener: EventHandler<EventMapOf<WebSocket>[Name]>,
  ): void {
    removeHandler(this, type, listener)
  }

  #property<Name extends EventName>(type: Name): ((event: EventMapOf<WebSocket>[Name]) => void) | null {
    return propertyHandler(this, type) as ((event: EventMapOf<WebSocket>[Name]) => void) | null
  }

  // ── sending ───────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends a message, or a fragment of one. Throws an `Error` while connecting, and a `TypeError` for
   * data that `Buffer.from` does not accept.
   */
  send(data: BufferLike, callback?: WrittenCallback): void
  send(data: BufferLike, options: MessageOptions | undefined, callback?: WrittenCallback): void
  send(data: BufferLike, options?: MessageOptions | WrittenCallback, callback?: WrittenCallback): void {
    const isCallback = typeof options === 'function'
    const given = isCallback ? NO_OPTIONS : (options ?? NO_OPTIONS)
    const written = isCallback ? options : callback
    const message = typeof data === 'number' ? String(data) : data
    if (this.#cannotSend(message, written)) return
    const { fin = true, binary = typeof message !== 'string' } = given
    const type = binary ? 'binary' : 'text'
    if (!fin || this.#fragments !== undefined || message instanceof Blob)
      this.#sendFragment(message, type, fin, given, written)
    else this.#sendWhole(message, type, given, written)
  }

  #sendWhole(
    data: BufferLike,
    type: MessageType,
    { compress }: MessageOptions,
    written: WrittenCallback | undefined,
  ): void {
    const { output } = this.#connection!
    const isText = typeof data === 'string'
    const message = isText ? data : toBytes(data)
    const isDefaultType = isText === (type === 'text')
    const isCompressed = this.#compress(compress)
    if (isDefaultType && isCompressed === undefined && written === undefined) output.send(message)
    else if (isDefaultType && isCompressed && written === undefined) output.send(message, COMPRESS)
    else if (isCompressed === undefined && written === undefined) output.send(message, OF_TYPE[type])
    else {
      const options: { -readonly [Key in keyof SendOptions]: SendOptions[Key] } = { type }
      if (isCompressed !== undefined) options.compress = isCompressed
      output.send(message, written === undefined ? options : { ...options, written: safely(written) })
    }
    // The caller may reuse the bytes.
    if (!isText && message.length >= BY_REFERENCE_FROM) output.flush()
  }

  #sendFragment(
    data: BufferLike,
    type: MessageType,
    isLast: boolean,
    { compress }: MessageOptions,
    written: WrittenCallback | undefined,
  ): void {
    const { output } = this.#connection!
    if (this.#fragments === undefined) {
      const isCompressed = this.#compress(compress)
      const options = isCompressed === undefined ? {} : { compress: isCompressed }
      const stream = output.openStream(type, options) as OutgoingStream
      this.#fragments = new FragmentedMessage(stream, output, type)
    }
    this.#fragments.send(data, isLast, written && safely(written))
    if (isLast) this.#fragments = undefined
  }

  /** The option of the extension: undefined to leave it the choice. */
  #compress(compress = true): boolean | undefined {
    if (this.#negotiated === undefined) return undefined
    if (!compress) return false
    return this.#negotiated.compressesAll ? true : undefined
  }

  /** Sends a ping of at most 125 bytes. Throws an `Error` while connecting. */
  ping(data?: unknown, mask?: boolean, callback?: (error: Error) => void): void
  ping(data?: unknown, mask?: unknown, callback?: unknown): void {
    this.#sendControl('ping', data, mask, callback)
  }

  /** Sends a pong of at most 125 bytes. Throws an `Error` while connecting. */
  pong(data?: unknown, mask?: boolean, callback?: (error: Error) => void): void
  pong(data?: unknown, mask?: unknown, callback?: unknown): void {
    this.#sendControl('pong', data, mask, callback)
  }

  #sendControl(name: 'ping' | 'pong', ...args: unknown[]): void {
    const written = args.find(arg => typeof arg === 'function') as WrittenCallback | undefined
    const [first] = args
    const data = typeof first === 'function' ? undefined : typeof first === 'number' ? String(first) : first
    if (this.#cannotSend(data, written)) return
    const payload = toBytes(data)
    if (payload.length > MAX_CONTROL_LENGTH)
      throw new RangeError(`The data size must not be greater than ${MAX_CONTROL_LENGTH} bytes`)
    const { output } = this.#connection!
    output[name](payload)
    if (written !== undefined) output.onWritten(safely(written))
  }

  /** Throws while connecting. Returns true, and counts the data, when the socket is not open. */
  #cannotSend(data: unknown, written: WrittenCallback | undefined): boolean {
    const state = this.readyState
    if (state === OPEN) return false
    const error = new Error(`WebSocket is not open: readyState ${state} (${STATES[state]})`)
    if (state === CONNECTING) throw error
    if (data) this.#lost += data instanceof Blob ? data.size : toBytes(data).length
    if (written !== undefined) process.nextTick(written, error)
    return true
  }

  // ── closing ───────────────────────────────────────────────────────────────────────────────────

  /**
   * Begins the closing handshake; messages are emitted until the peer's Close. Throws a `TypeError`
   * for a code that must not be sent, and a `RangeError` for a reason above 123 bytes.
   */
  close(code?: number, reason?: string | Buffer): void {
    if (this.#isClosed) return
    if (this.#connection === undefined) {
      this.#abortOpening()
      return
    }
    if (this.readyState === CLOSING) return
    this.#connection.startClosing(code, checkClose(code, reason))
  }

  /** Ends the connection at once. */
  terminate(): void {
    if (this.#isClosed) return
    if (this.#connection === undefined) this.#abortOpening()
    else this.#connection.terminate()
  }

  #abortOpening(): void {
    if (this.#isAborted) return
    this.#isAborted = this.#opening !== undefined
    this.#opening?.abort('WebSocket was closed before the connection was established')
  }

  // ── pausing ───────────────────────────────────────────────────────────────────────────────────

  /** Stops reading. Does nothing while connecting and after the end. */
  pause(): void {
    if (this.#connection === undefined || this.#isClosed) return
    this.#isPaused = true
    this.#connection.input.pauseDelivery()
  }

  /** Continues to read. Does nothing while connecting and after the end. */
  resume(): void {
    if (this.#connection === undefined || this.#isClosed) return
    this.#isPaused = false
    this.#connection.input.resumeDelivery()
  }

  // ── opening ───────────────────────────────────────────────────────────────────────────────────

  /**
   * Opens the socket on a transport whose opening handshake is over. For servers; `head` was received
   * after the handshake. Throws an `Error` for a transport that another socket uses.
   */
  setSocket(transport: Duplex, head: Buffer, options: SocketOptions = {}): void {
    const all = { ...this.#options, ...options }
    this.#protocol = options.subprotocol ?? this.#protocol
    this.#negotiated = options.negotiated ?? this.#negotiated
    this.#transport = transport
    this.#connection = WebSocket.#connections.open(
      this,
      {
        role: this._isServer ? 'server' : 'client',
        transport,
        config: WebSocket.#configOf(all),
        extension: this.#negotiated?.extension,
        host: hostOf(all),
      },
      head,
    )
    this.emit('open')
  }

  static #configOf(options: CommonOptions): ConnectionConfig<WebSocket> {
    const settings = settingsOf(options)
    const { allowSynchronousEvents = true } = options
    const key = `${Object.values(settings)} ${allowSynchronousEvents}`
    let config = WebSocket.#configs.get(key)
    if (config === undefined) {
      const handlers = allowSynchronousEvents ? WebSocket.#handlers : WebSocket.#handlersOneByOne
      config = { settings, handlers, errorHandler: undefined }
      WebSocket.#configs.set(key, config)
    }
    return config
  }

  #opened({ transport, head, protocol, negotiated }: Opened): void {
    this.#protocol = protocol
    this.#negotiated = negotiated
    this.setSocket(transport, head)
  }

  #failed(error: Error): void {
    this.#isAborted = true
    this.#emitError(error)
    this.#end = ABNORMAL
    this.emitClose()
  }

  // ── from the connection ───────────────────────────────────────────────────────────────────────

  #receive(data: Bytes, type: MessageType): void {
    try {
      if (type === 'text') this.emit('message', asBuffer(data), false)
      else this.emit('message', toBinaryType(data, this.#binaryType), true)
    } catch (error) {
      throwLater(error)
    }
  }

  #report(info: CloseInfo): void {
    const failure = failureOf(info.cause)
    this.#end = info.wasClean ? info : ABNORMAL
    if (failure !== undefined) {
      // Our Close frame is written before a listener of `error` can terminate the connection.
      this.#connection!.output.flush()
      this.#emitError(failure)
    }
    if (this.#isTransportClosed) this.emitClose()
  }

  #transportClosed(): void {
    this.#isTransportClosed = true
    if (this.#end !== undefined) this.emitClose()
  }

  /** Emits `close`, once. */
  emitClose(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const { code, reason } = this.#end ?? ABNORMAL
    try {
      this.emit('close', code, Buffer.from(reason))
    } catch (error) {
      throwLater(error)
    }
  }

  /** An error that no listener is interested in does not end the process. */
  #emitError(error: Error): void {
    if (this.listenerCount('error') === 0) return
    try {
      this.emit('error', error)
    } catch (thrown) {
      throwLater(thrown)
    }
  }

  #emitSafely(name: 'ping' | 'pong', payload: Bytes): void {
    try {
      this.emit(name, asBuffer(payload))
    } catch (error) {
      throwLater(error)
    }
  }
}

/** The reason as a string. Throws as `close` does. */
function checkClose(code: number | undefined, reason: string | Buffer | undefined): string | undefined {
  if (code === undefined) return undefined
  if (typeof code !== 'number' || !isSendableCloseCode(code))
    throw new TypeError('First argument must be a valid error code number')
  if (reason === undefined) return undefined
  const text = typeof reason === 'string' ? reason : Buffer.from(reason).toString()
  if (Buffer.byteLength(text) > MAX_REASON_LENGTH)
    throw new RangeError(`The message must not be greater than ${MAX_REASON_LENGTH} bytes`)
  return text
}

/** The host functions with masking keys of the program. */
function hostOf({ generateMask }: SocketOptions): Host | undefined {
  if (generateMask === undefined) return undefined
  const mask = Buffer.alloc(4)
  return {
    ...nodeHost,
    createMaskingKey() {
      generateMask(mask)
      return mask.readUInt32BE(0)
    },
  }
}

/** An error of a listener is an uncaught exception, as that of any listener in Node. */
function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

/** The callback, whose errors are uncaught exceptions. */
function safely(written: WrittenCallback): WrittenCallback {
  return error => {
    try {
      written(error)
    } catch (thrown) {
      throwLater(thrown)
    }
  }
}
