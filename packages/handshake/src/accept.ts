// The server's opening handshake (RFC 6455 §4.2.2): from a valid request to the response that opens
// the WebSocket. The server's choices are checked against the client's offers.

import { checkNames } from './check-names.ts'
import { type Extension, formatExtensions } from './extensions.ts'
import { checkFields, type Field } from './fields.ts'
import { computeAccept, type Digest } from './key.ts'
import { isFraming } from './rejection.ts'
import type { HandshakeResponse } from './response.ts'
import type { ValidRequest } from './validate-request.ts'

/** The server's choices. All are optional. */
export interface AcceptOptions {
  /** One of the subprotocols that the client listed. */
  readonly protocol?: string | undefined
  /**
   * Extensions that the client offered, with the agreed parameters, in the order in which they
   * apply to the data.
   */
  readonly extensions?: readonly Extension[] | undefined
  /** Additional header fields, for example cookies. */
  readonly headers?: Iterable<Field> | undefined
  /** A faster SHA-1 than the portable one. */
  readonly digest?: Digest | undefined
}

/**
 * The response that opens the WebSocket (RFC 6455 §4.2.2). Throws a TypeError for a subprotocol or
 * extension that the client did not offer, for an invalid header (CR, LF, NUL …) and for a header
 * that the handshake itself sets.
 */
export function accept(request: ValidRequest, acceptance: AcceptOptions = {}): HandshakeResponse {
  checkNames(acceptance, ['protocol', 'extensions', 'headers', 'digest'])
  const { protocol, extensions = [], headers = [], digest } = acceptance
  const fields: Field[] = [
    // "An |Upgrade| header field with value "websocket""
    ['Upgrade', 'websocket'],
    // "A |Connection| header field with value "Upgrade"."
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', computeAccept(request.key, digest)],
  ]
  if (protocol !== undefined) fields.push(['Sec-WebSocket-Protocol', checkProtocol(request, protocol)])
  if (extensions.length > 0)
    fields.push(['Sec-WebSocket-Extensions', formatExtensions(checkExtensions(request, extensions))])
  const others = [...headers]
  checkFields(others, isOwned)
  return { status: 101, headers: [...fields, ...others] }
}

function checkProtocol(request: ValidRequest, protocol: string): string {
  // "The value chosen MUST be derived from the client's handshake, specifically by selecting one of
  // the values from the |Sec-WebSocket-Protocol| field that the server is willing to use for this
  // connection (if any)."
  if (!request.protocols.includes(protocol)) {
    throw new TypeError(
      `the client did not offer the subprotocol ${JSON.stringify(protocol)} (RFC 6455 §4.2.2)`,
    )
  }
  return protocol
}

function checkExtensions(request: ValidRequest, extensions: readonly Extension[]): readonly Extension[] {
  // "Extensions not listed by the client MUST NOT be listed."
  for (const { name } of extensions) {
    if (!request.extensions.some(offer => offer.name === name)) {
      throw new TypeError(`the client did not offer the extension ${JSON.stringify(name)} (RFC 6455 §4.2.2)`)
    }
  }
  return extensions
}

// "A server MUST NOT send a Content-Length header field in any response with a status code of 1xx
// (Informational) or 204 (No Content)." (RFC 9110 §8.6)
function isOwned(name: string): boolean {
  return name === 'upgrade' || name === 'connection' || name.startsWith('sec-websocket-') || isFraming(name)
}
