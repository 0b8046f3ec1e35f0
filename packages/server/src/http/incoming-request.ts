// An upgrade request as it arrives: its head, by whichever parser, and Node's view of it, which is
// created on first use.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { HandshakeRequest } from '@ws/handshake'
import { http } from './builtins.ts'

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

  /** A request that Node has parsed. */
  static of(message: IncomingMessage): IncomingRequest {
    return new IncomingRequest(message, message.socket, message)
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

/** What Node's parser makes of the head of an upgrade request without a body. */
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
