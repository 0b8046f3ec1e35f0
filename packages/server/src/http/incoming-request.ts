// A request at the door: its head, whoever has read it, and Node's own view of it, which is made when somebody looks.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { HandshakeRequest } from '@ws/handshake'
import { http } from './builtins.ts'

/** A request for a WebSocket, before it is judged. */
export class IncomingRequest {
  readonly head: HandshakeRequest
  readonly #socket: Socket
  #message: IncomingMessage | undefined

  /** `message` is the request as Node has read it; without it, one is made of the head when it is asked for. */
  constructor(head: HandshakeRequest, socket: Socket, message?: IncomingMessage) {
    this.head = head
    this.#socket = socket
    this.#message = message
  }

  /** One that an HTTP server of Node has read. */
  static of(message: IncomingMessage): IncomingRequest {
    return new IncomingRequest(message, message.socket, message)
  }

  /** The address at the other end, or an empty string where there is none. */
  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? ''
  }

  /** Whether it came over TLS. */
  get encrypted(): boolean {
    return 'encrypted' in this.#socket
  }

  /** The request as Node shows it. */
  get message(): IncomingMessage {
    this.#message ??= createMessage(this.head, this.#socket)
    return this.#message
  }
}

/** What Node's own parser would have made of this head, which is that of an upgrade request without a body. */
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

/** What Node's parser calls: there is no documented way to have `headers` and `headersDistinct` made of lines. */
interface AddHeaderLines {
  _addHeaderLines?(rawHeaders: string[], count: number): void
}
