// An upgrade request as it arrives: its head, by whichever parser, and Node's view of it, which is
// created on first use.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { HandshakeRequest } from '@ws/handshake'
import { http } from './builtins.ts'

/**
 * An `IncomingMessage`, or a stand-in for one as test helpers make it: its `headers` alone are
 * enough. The request line is then `GET / HTTP/1.1`, and `Host` is `localhost`.
 */
export interface RequestLike {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion?: string
  readonly headers: {
    readonly host?: string | undefined
    readonly [name: string]: string | number | readonly string[] | undefined
  }
  readonly rawHeaders?: readonly string[]
  readonly socket?: unknown
}

/** An upgrade request before its validation. */
export class IncomingRequest {
  readonly head: HandshakeRequest
  readonly #socket: Socket
  #message: IncomingMessage | undefined

  /** `message` is Node's view of the request, if Node has parsed it. */
  constructor(head: HandshakeRequest, socket: Socket, message?: IncomingMessage) {
    this.head = head
    this.#socket = socket
    this.#message = message
  }

  /**
   * A request that Node has parsed, or a stand-in for one. Throws a `TypeError` for a value without
   * headers.
   */
  static of(request: RequestLike, transport: Duplex): IncomingRequest {
    const socket = (request.socket ?? transport) as Socket
    return new IncomingRequest(headOf(request), socket, request as IncomingMessage)
  }

  /** The address of the other end, or an empty string if it has none. */
  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? ''
  }

  /** Whether it came over TLS. */
  get encrypted(): boolean {
    return 'encrypted' in this.#socket
  }

  /** Node's view of the request. */
  get message(): IncomingMessage {
    this.#message ??= createMessage(this.head, this.#socket)
    return this.#message
  }
}

function headOf(request: RequestLike): HandshakeRequest {
  const { method = 'GET', url = '/', httpVersion = '1.1', headers, rawHeaders } = request
  if (Array.isArray(rawHeaders)) return { method, url, httpVersion, rawHeaders }
  if (typeof headers !== 'object' || headers === null)
    throw new TypeError('a request must have headers, as those of an upgrade event have')
  const lines: string[] = []
  if (headers.host === undefined) lines.push('host', 'localhost')
  for (const [name, value] of Object.entries(headers)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    for (const each of values) if (each !== undefined) lines.push(name, String(each))
  }
  return { method, url, httpVersion, rawHeaders: lines }
}

/** The request that Node's parser creates from the head of an upgrade without a body. */
function createMessage(
  { method, url, httpVersion, rawHeaders }: HandshakeRequest,
  socket: Socket,
): IncomingMessage {
  const message: IncomingMessage & AddHeaderLines = new http.IncomingMessage(socket)
  const [httpVersionMajor, httpVersionMinor] = httpVersion.split('.').map(Number)
  Object.assign(message, { method, url, httpVersion, httpVersionMajor, httpVersionMinor, upgrade: true })
  message._addHeaderLines?.([...rawHeaders], rawHeaders.length)
  message.complete = true
  message.push(null)
  return message
}

/**
 * Undocumented: there is no other way to have `headers` and `headersDistinct` made of raw headers.
 */
interface AddHeaderLines {
  _addHeaderLines?(rawHeaders: string[], count: number): void
}
