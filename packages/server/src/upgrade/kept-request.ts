// The head of an upgrade request that its socket keeps.

import type { SocketRequest } from '@ws/connection'
import type { HandshakeRequest } from '@ws/handshake'
import { toHeaders } from '../http/raw-headers.ts'

/** Makes `Headers` on first use: most sockets of a server never need them. */
export class KeptRequest implements SocketRequest {
  readonly method: string
  readonly target: string
  readonly #rawHeaders: readonly string[]
  #headers: Headers | undefined

  constructor({ method, url, rawHeaders }: HandshakeRequest) {
    this.method = method ?? ''
    this.target = url ?? ''
    this.#rawHeaders = rawHeaders
  }

  get headers(): Headers {
    this.#headers ??= toHeaders(this.#rawHeaders)
    return this.#headers
  }
}
