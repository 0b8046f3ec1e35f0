// An upgrade request, as the `upgrade` handler sees it.

import type { IncomingMessage } from 'node:http'
import type { ValidRequest } from '@ws/handshake'
import type { Cancellation } from './cancellation.ts'
import type { IncomingRequest } from './http/incoming-request.ts'
import { toHeaders } from './http/raw-headers.ts'
import type { AnyParams } from './path-template.ts'

/** A valid request for a WebSocket. `Params` are those of its route's path. */
export class UpgradeRequest<out Params = AnyParams> {
  /** The address of the client, as reported by a proxy if `trustProxy` lists it. */
  readonly remoteAddress: string
  /** The parameters in the path: decoded for `/rooms/:id`, as it finds them for a `URLPattern`. */
  readonly params: Params
  readonly #incoming: IncomingRequest
  readonly #valid: ValidRequest
  readonly #cancellation: Cancellation
  #headers: Headers | undefined
  #url: URL | undefined

  /** Created by the server. */
  constructor(
    valid: ValidRequest,
    incoming: IncomingRequest,
    remoteAddress: string,
    params: Params,
    cancellation: Cancellation,
  ) {
    this.#valid = valid
    this.#incoming = incoming
    this.remoteAddress = remoteAddress
    this.params = params
    this.#cancellation = cancellation
  }

  /** Node's view of the request. */
  get raw(): IncomingMessage {
    return this.#incoming.message
  }

  /** Aborted when the client leaves, or when the handshake takes too long. */
  get signal(): AbortSignal {
    return this.#cancellation.signal
  }

  /** The path, as sent: neither decoded nor normalized. */
  get path(): string {
    return this.#valid.path
  }

  /** The query with its question mark, or an empty string. */
  get search(): string {
    return this.#valid.search
  }

  /** The origin of the page, if the request is from a page: `https://example.com`. */
  get origin(): string | undefined {
    return this.#valid.origin
  }

  /** The subprotocols that the client offers, the best first. */
  get protocols(): readonly string[] {
    return this.#valid.protocols
  }

  /**
   * The headers of the request. A lenient HTTP parser (`insecureHTTPParser`) passes CR, LF and NUL
   * in values, which are spaces here, and names that are not tokens, which are left out.
   */
  get headers(): Headers {
    this.#headers ??= toHeaders(this.#incoming.head.rawHeaders)
    return this.#headers
  }

  /** The requested URL: `ws:`, or `wss:` over TLS. */
  get url(): URL {
    const { host, path, search } = this.#valid
    const scheme = this.#incoming.encrypted ? 'wss' : 'ws'
    this.#url ??= new URL(`${scheme}://${host}${path}${search}`)
    return this.#url
  }
}
