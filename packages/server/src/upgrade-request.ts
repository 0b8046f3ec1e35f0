// What an `upgrade` handler is told of a request: the parts of it that have been judged, and the web's view of the rest.

import type { IncomingMessage } from 'node:http'
import type { ValidRequest } from '@ws/handshake'
import type { Cancellation } from './cancellation.ts'
import type { IncomingRequest } from './http/incoming-request.ts'

/** A request for a WebSocket that breaks no rule. */
export class UpgradeRequest {
  /** The address of the client: of the other end of the connection, or as told by a proxy that `trustProxy` lists. */
  readonly remoteAddress: string
  /** What the `URLPattern` of the route found in the path. */
  readonly params: Readonly<Record<string, string | undefined>>
  readonly #arrival: IncomingRequest
  readonly #judged: ValidRequest
  readonly #cancellation: Cancellation
  #headers: Headers | undefined
  #url: URL | undefined

  /** Made by the server. */
  constructor(
    judged: ValidRequest,
    arrival: IncomingRequest,
    remoteAddress: string,
    params: Readonly<Record<string, string | undefined>>,
    cancellation: Cancellation,
  ) {
    this.#judged = judged
    this.#arrival = arrival
    this.remoteAddress = remoteAddress
    this.params = params
    this.#cancellation = cancellation
  }

  /** Node's own view of it. */
  get request(): IncomingMessage {
    return this.#arrival.message
  }

  /** Aborted when the client leaves, or when the handshake takes too long. */
  get signal(): AbortSignal {
    return this.#cancellation.signal
  }

  /** The path, literally: neither decoded nor normalised. */
  get path(): string {
    return this.#judged.path
  }

  /** The query with its question mark, or an empty string. */
  get search(): string {
    return this.#judged.search
  }

  /** The origin of the page, if it comes from one: `https://example.com`. */
  get origin(): string | undefined {
    return this.#judged.origin
  }

  /** The subprotocols that the client would speak, the best first. */
  get subprotocols(): readonly string[] {
    return this.#judged.subprotocols
  }

  /** The headers of the request. */
  get headers(): Headers {
    this.#headers ??= readHeaders(this.#arrival.head.rawHeaders)
    return this.#headers
  }

  /** What was asked for, as a URL: `ws:`, or `wss:` over TLS. Throws a `TypeError` where Host or target make none. */
  get url(): URL {
    const { host, path, search } = this.#judged
    const scheme = this.#arrival.encrypted ? 'wss' : 'ws'
    this.#url ??= new URL(`${scheme}://${host}${path}${search}`)
    return this.#url
  }
}

function readHeaders(rawHeaders: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  return headers
}
