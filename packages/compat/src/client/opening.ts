// The opening handshake of a client (RFC 6455 §4.1), over `node:http`, because programs pass its
// agents and options and get its requests and responses: sends the request, follows redirects,
// checks the answer.

import type { EventEmitter } from 'node:events'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect as connectTcp, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { createKey, type Extension, formatExtensions, parseProtocols, validateResponse } from '@ws/handshake'
import type { NegotiableExtension } from '@ws/protocol'
import { compressesAll, deflateOf, type Negotiated } from '../compression.ts'
import type { ClientOptionsOf } from '../options.ts'
import { type Headers, isSameHost, publicHeaders } from './redirect.ts'
import { readTarget, requestTarget, type Target } from './target.ts'

/** The results of a handshake. */
export interface Opened {
  readonly transport: Duplex
  /** Bytes after the head of the answer. */
  readonly head: Buffer
  readonly protocol: string
  readonly negotiated: Negotiated | undefined
}

/** Called once, with the end of the handshake, and not inside of `start`. */
export interface OpeningListener {
  opened(result: Opened): void
  failed(error: Error): void
}

/** The values of a request that its answer must match. */
interface Offer {
  readonly key: string
  readonly protocols: readonly string[]
  readonly extensions: readonly Extension[]
}

const VERSION = 13
const MAX_REDIRECTS = 10

/** One handshake, with its redirects. */
export class Opening<Socket extends EventEmitter> {
  readonly #socket: Socket
  readonly #protocols: readonly string[]
  readonly #options: ClientOptionsOf<Socket>
  readonly #listener: OpeningListener
  readonly #extension: NegotiableExtension | undefined
  readonly #first: Target
  #target: Target
  #headers: Headers
  #request: ClientRequest | undefined
  #timer: NodeJS.Timeout | undefined
  #redirects = 0
  #isOver = false

  /** Throws a `SyntaxError`, `RangeError` or `TypeError` for wrong arguments. */
  constructor(
    socket: Socket,
    address: string | URL,
    protocols: readonly string[],
    options: ClientOptionsOf<Socket>,
    listener: OpeningListener,
  ) {
    const { protocolVersion = VERSION, perMessageDeflate = true } = options
    if (protocolVersion !== VERSION) {
      throw new RangeError(`Unsupported protocol version: ${protocolVersion} (supported version: ${VERSION})`)
    }
    this.#socket = socket
    this.#target = readTarget(address)
    this.#first = this.#target
    this.#protocols = checkProtocols(protocols)
    this.#options = options
    this.#headers = { ...options.headers }
    this.#listener = listener
    this.#extension = deflateOf(perMessageDeflate)
  }

  /** The URL, after redirects. */
  get url(): string {
    return this.#target.url.href
  }

  /** The current request. */
  get request(): ClientRequest | undefined {
    return this.#request
  }

  /** Sends the request. Throws as `http.request` does. */
  start(): void {
    const { finishRequest, handshakeTimeout } = this.#options
    const { request, offer } = this.#createRequest()
    this.#request = request
    request.on('error', error => this.#fail(error))
    request.on('response', response => this.#receiveResponse(request, response))
    request.on('upgrade', (response, transport, head) => this.#upgrade(offer, response, transport, head))
    if (handshakeTimeout) {
      this.#timer = setTimeout(() => this.abort('Opening handshake has timed out'), handshakeTimeout)
    }
    if (this.#redirects > 0) this.#socket.emit('redirect', this.url, request)
    if (finishRequest === undefined) request.end()
    else finishRequest(request, this.#socket)
  }

  /** Gives up. */
  abort(message: string): void {
    this.#fail(new Error(message))
  }

  #createRequest(): { readonly request: ClientRequest; readonly offer: Offer } {
    const { isSecure } = this.#target
    const extension = this.#extension
    const extensions = extension?.offers.map(params => ({ name: extension.name, params })) ?? []
    const offer = { key: createKey(), protocols: this.#protocols, extensions }
    const { origin } = this.#options
    const headers: Headers = {
      ...this.#headers,
      'Sec-WebSocket-Version': VERSION,
      'Sec-WebSocket-Key': offer.key,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
    }
    if (extensions.length > 0) headers['Sec-WebSocket-Extensions'] = formatExtensions(extensions)
    if (this.#protocols.length > 0) headers['Sec-WebSocket-Protocol'] = this.#protocols.join(',')
    if (origin !== undefined) headers.Origin = origin
    const options = {
      createConnection: isSecure ? connectSecurely : connectTcp,
      ...this.#options,
      // Those of the URL, and nothing else, determine the server and the resource.
      protocol: undefined,
      hostname: undefined,
      host: undefined,
      port: undefined,
      socketPath: undefined,
      path: undefined,
      timeout: undefined,
      method: 'GET',
      ...this.#authorization(),
      ...requestTarget(this.#target),
      headers,
    }
    const send = isSecure ? httpsRequest : httpRequest
    return { request: send(options as never), offer }
  }

  /** The option `auth` is not for the server that a redirect leads to. */
  #authorization(): { readonly auth?: undefined } {
    return isSameHost(this.#first, this.#target) ? {} : { auth: undefined }
  }

  #receiveResponse(request: ClientRequest, response: IncomingMessage): void {
    const { location } = response.headers
    const status = response.statusCode!
    const { followRedirects = false } = this.#options
    if (followRedirects && location !== undefined && status >= 300 && status < 400) {
      this.#redirect(request, location)
    } else if (!this.#socket.emit('unexpected-response', request, response))
      this.abort(`Unexpected server response: ${status}`)
  }

  #redirect(request: ClientRequest, location: string): void {
    const { maxRedirects = MAX_REDIRECTS } = this.#options
    if (++this.#redirects > maxRedirects) {
      this.abort('Maximum redirects exceeded')
      return
    }
    this.#release(request)
    try {
      this.#target = readTarget(resolve(location, this.#target.url))
      const isKept = isSameHost(this.#first, this.#target) || this.#socket.listenerCount('redirect') > 0
      if (!isKept) this.#headers = publicHeaders(this.#headers)
      this.start()
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #upgrade(offer: Offer, response: IncomingMessage, transport: Duplex, head: Buffer): void {
    if (this.#isOver) {
      transport.destroy()
      return
    }
    this.#socket.emit('upgrade', response)
    // A listener may have closed the socket.
    if (this.#isOver) return
    const result = this.#validate(offer, response)
    if (typeof result === 'string') this.abort(result)
    else {
      this.#finish()
      this.#listener.opened({ transport, head, ...result })
    }
  }

  #validate(
    offer: Offer,
    { statusCode, rawHeaders }: IncomingMessage,
  ): Pick<Opened, 'protocol' | 'negotiated'> | string {
    const request = { ...offer, target: '', headers: [] }
    const valid = validateResponse({ status: statusCode!, rawHeaders }, request)
    if (!valid.ok) return valid.error
    const { protocol, extensions } = valid
    if (offer.protocols.length > 0 && protocol === '') return 'Server sent no subprotocol'
    const [chosen, ...others] = extensions
    if (chosen === undefined) return { protocol, negotiated: undefined }
    if (others.length > 0) return 'the server chose more than one extension (RFC 6455 §9.1)'
    const extension = this.#extension!.confirm(chosen.params)
    if (typeof extension === 'string') return `Invalid Sec-WebSocket-Extensions header: ${extension}`
    return { protocol, negotiated: { extension, compressesAll: this.#compressesAll(chosen) } }
  }

  #compressesAll({ params }: Extension): boolean {
    const { perMessageDeflate } = this.#options
    const isLimited = typeof perMessageDeflate === 'object' && perMessageDeflate.clientNoContextTakeover
    return !isLimited && compressesAll('client', params)
  }

  #fail(error: Error): void {
    if (this.#isOver) return
    const request = this.#request
    this.#finish()
    if (request !== undefined) this.#release(request)
    process.nextTick(() => this.#listener.failed(error))
  }

  #finish(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#request = undefined
  }

  /** Destroys a request and its connection, whose errors do not matter any more. */
  #release(request: ClientRequest): void {
    clearTimeout(this.#timer)
    request.removeAllListeners('error')
    request.removeAllListeners('response')
    request.removeAllListeners('upgrade')
    request.on('error', ignore)
    request.destroy()
    request.socket?.destroy()
  }
}

/** Throws a `SyntaxError` for what is not a list of distinct tokens. */
function checkProtocols(protocols: readonly string[]): readonly string[] {
  if (protocols.length === 0) return protocols
  const isList =
    protocols.every(protocol => typeof protocol === 'string') &&
    parseProtocols(protocols.join(','))?.length === protocols.length
  if (!isList) throw new SyntaxError('An invalid or duplicated subprotocol was specified')
  return protocols
}

function resolve(location: string, base: URL): URL {
  try {
    return new URL(location, base)
  } catch {
    throw new SyntaxError(`Invalid URL: ${location}`)
  }
}

/** The server name of TLS is the host, unless that is an address. */
function connectSecurely(options: ConnectionOptions): TLSSocket {
  const { servername, host = '' } = options
  return connectTls({ ...options, servername: servername ?? (isIP(host) ? '' : host) })
}

function ignore(): void {}
