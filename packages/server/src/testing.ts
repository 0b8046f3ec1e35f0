/**
 * Connects to a server without a port, for the tests of your handlers: over a stream in memory,
 * with the real opening handshake, limits and close codes.
 * @module @ws/server/testing
 */

import type { Socket as NetSocket } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import { openSocket, type Socket } from '@ws/connection'
import { checkNames } from '@ws/connection/internal'
import {
  createRequest,
  type Parsed,
  type ResponseHead,
  ResponseParser,
  validateResponse,
} from '@ws/handshake'
import type { HeadersLike } from './handlers.ts'
import { IncomingRequest, type RequestLike } from './http/incoming-request.ts'

/** A server, or one of its routes. */
export interface Connectable {
  /** As of a server. */
  handleUpgrade(request: RequestLike, transport: Duplex, head?: Uint8Array): void
}

/** Options of `connectTo`. */
export interface ConnectToOptions {
  /** Further headers, such as `Cookie`; `Host` is `localhost` by default. */
  readonly headers?: HeadersLike
  /** Subprotocols to offer, the best first. */
  readonly protocols?: string | readonly string[]
  /** The address that the server sees; `127.0.0.1` by default. */
  readonly remoteAddress?: string
}

/**
 * The client's end. A loop over it gets the messages in order, and a second loop those after the
 * first; it ends when the socket has closed. Messages that are not read wait in memory. Leaving an
 * `await using` block closes it.
 */
export type TestSocket = Socket<undefined>

/** The server has rejected the request. */
export class HandshakeError extends Error {
  override readonly name: string = 'HandshakeError'
  /** The answer of the server. */
  readonly response: Response

  /** Created by `connectTo`. */
  constructor(message: string, response: Response) {
    super(message)
    this.response = response
  }
}

/**
 * Opens a WebSocket to a server that need not listen, or to one of its routes, for a path and query
 * such as `/?name=ann`. Rejects with a `HandshakeError` if the server rejects the request, with an
 * `Error` if it does not answer, and with a `TypeError` for wrong options.
 */
export async function connectTo(
  server: Connectable,
  target: string = '/',
  options: ConnectToOptions = {},
): Promise<TestSocket> {
  checkNames(options, ['headers', 'protocols', 'remoteAddress'])
  const { protocols = [], remoteAddress = '127.0.0.1' } = options
  const headers = new Headers(options.headers)
  const host = headers.get('host') ?? 'localhost'
  const origin = headers.get('origin') ?? undefined
  headers.delete('host')
  headers.delete('origin')
  const offered = typeof protocols === 'string' ? [protocols] : protocols
  const request = createRequest({ host, target, origin, protocols: offered, headers })

  const [near, far] = duplexPair()
  Object.assign(far, { remoteAddress })
  const answer = readAnswer(near)
  const head = { method: 'GET', url: target, httpVersion: '1.1', rawHeaders: request.headers.flat() }
  server.handleUpgrade(new IncomingRequest(head, far as NetSocket).message, far)

  const { head: response, rest } = await answer
  if (response.status !== 101) throw await rejectionFrom(response, rest, near)
  const valid = validateResponse(response, request)
  if (!valid.ok) throw new Error(valid.error)
  const [path = '', search] = target.split(/(?=\?)/)
  const handshake = { path, search: search ?? '', origin, protocol: valid.protocol }
  return openTestSocket(near, rest, handshake)
}

/** Reads the head of the response, and leaves the transport paused. */
function readAnswer(transport: Duplex): Promise<Parsed<ResponseHead>> {
  return new Promise((resolve, reject) => {
    const parser = new ResponseParser()
    const onData = (bytes: Uint8Array): void => {
      const parsed = parser.push(bytes)
      if (parsed === undefined) return
      transport.off('data', onData)
      transport.off('end', onEnd)
      transport.pause()
      if (parsed.ok) resolve(parsed)
      else reject(new Error(parsed.error))
    }
    const onEnd = (): void => reject(new Error('the server has closed the transport without an answer'))
    transport.on('data', onData)
    transport.on('end', onEnd)
  })
}

async function rejectionFrom(head: ResponseHead, rest: Uint8Array, transport: Duplex): Promise<Error> {
  const chunks = [rest]
  for await (const chunk of transport as AsyncIterable<Uint8Array>) chunks.push(chunk)
  transport.end()
  const body = Buffer.concat(chunks)
  const { status, reason, rawHeaders } = head
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  const init = { status, statusText: reason, headers }
  const response = new Response(body.length === 0 ? null : body, init)
  return new HandshakeError(`the server answered ${status} ${reason}`, response)
}

function openTestSocket(
  transport: Duplex,
  head: Uint8Array,
  handshake: NonNullable<NonNullable<Parameters<typeof openSocket>[2]>['handshake']>,
): TestSocket {
  const unread = new UnreadMessages()
  const socket = openSocket('client', transport, {
    head,
    handshake,
    message: (_socket, data) => unread.add(data),
    close: () => unread.end(),
  })
  return Object.assign(socket, {
    [Symbol.asyncIterator]: (): AsyncIterator<string | Uint8Array, undefined> => unread,
  })
}

/** A buffer of received messages, which any number of loops read one after another. */
class UnreadMessages implements AsyncIterator<string | Uint8Array, undefined> {
  readonly #messages: (string | Uint8Array)[] = []
  readonly #waiting: ((result: IteratorResult<string | Uint8Array, undefined>) => void)[] = []
  #hasEnded = false

  add(message: string | Uint8Array): void {
    const resolve = this.#waiting.shift()
    if (resolve === undefined) this.#messages.push(message)
    else resolve({ done: false, value: message })
  }

  end(): void {
    this.#hasEnded = true
    for (const resolve of this.#waiting.splice(0)) resolve({ done: true, value: undefined })
  }

  async next(): Promise<IteratorResult<string | Uint8Array, undefined>> {
    const value = this.#messages.shift()
    if (value !== undefined) return { done: false, value }
    if (this.#hasEnded) return { done: true, value: undefined }
    return await new Promise(resolve => this.#waiting.push(resolve))
  }
}
