// The server's opening handshake (RFC 6455 §4.2.2): from a request judged good to the response that opens the
// WebSocket. Chooses nothing: the server says which subprotocol and which extensions, this holds it to what the client
// offered.

import { type Extension, formatExtensions } from './extensions.ts'
import { checkFields, type Field } from './fields.ts'
import { computeAccept, type Digest } from './key.ts'
import { isFraming } from './rejection.ts'
import type { HandshakeResponse } from './response.ts'
import type { ValidRequest } from './validate-request.ts'

/** What the server agrees to; nothing of it need be given. */
export interface AcceptOptions {
  /** One of the subprotocols the client listed. */
  readonly subprotocol?: string | undefined
  /**
   * Extensions in the order in which they work on the data, each with the parameters agreed; each one the client
   * offered.
   */
  readonly extensions?: readonly Extension[] | undefined
  /** Further header fields, cookies for example. */
  readonly headers?: Iterable<Field> | undefined
  /** A SHA-1 faster than the portable one. */
  readonly digest?: Digest | undefined
}

/**
 * The response that opens the WebSocket. Throws a TypeError for a subprotocol or an extension that the client did not
 * offer, for a header that may not be written (CR, LF, NUL …) and for one that the handshake writes itself (RFC 6455
 * §4.2.2).
 */
export function accept(judged: ValidRequest, acceptance: AcceptOptions = {}): HandshakeResponse {
  const { subprotocol, extensions = [], headers = [], digest } = acceptance
  const fields: Field[] = [
    // "An |Upgrade| header field with value "websocket""
    ['Upgrade', 'websocket'],
    // "A |Connection| header field with value "Upgrade"."
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', computeAccept(judged.key, digest)],
  ]
  if (subprotocol !== undefined)
    fields.push(['Sec-WebSocket-Protocol', checkSubprotocol(judged, subprotocol)])
  if (extensions.length > 0)
    fields.push(['Sec-WebSocket-Extensions', formatExtensions(checkExtensions(judged, extensions))])
  const others = [...headers]
  checkFields(others, isOwned)
  return { status: 101, headers: [...fields, ...others] }
}

function checkSubprotocol(judged: ValidRequest, subprotocol: string): string {
  // "The value chosen MUST be derived from the client's handshake, specifically by selecting one of the values from the
  // |Sec-WebSocket-Protocol| field that the server is willing to use for this connection (if any)."
  if (!judged.subprotocols.includes(subprotocol)) {
    throw new TypeError(
      `the client did not offer the subprotocol ${JSON.stringify(subprotocol)} (RFC 6455 §4.2.2)`,
    )
  }
  return subprotocol
}

function checkExtensions(judged: ValidRequest, extensions: readonly Extension[]): readonly Extension[] {
  // "Extensions not listed by the client MUST NOT be listed."
  for (const { name } of extensions) {
    if (!judged.extensions.some(offer => offer.name === name)) {
      throw new TypeError(`the client did not offer the extension ${JSON.stringify(name)} (RFC 6455 §4.2.2)`)
    }
  }
  return extensions
}

// Nor a body's length: "A server MUST NOT send a Content-Length header field in any response with a status code of 1xx
// (Informational) or 204 (No Content)." (RFC 9110 §8.6)
function isOwned(name: string): boolean {
  return name === 'upgrade' || name === 'connection' || name.startsWith('sec-websocket-') || isFraming(name)
}
