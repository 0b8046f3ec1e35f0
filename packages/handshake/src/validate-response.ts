// Validates a server's opening handshake (RFC 6455 §4.1): the client's checklist. Redirects and
// authentication are left to the caller.

import { type Extension, parseExtensions } from './extensions.ts'
import { joinValues } from './fields.ts'
import type { ResponseHead } from './head.ts'
import { computeAccept, type Digest } from './key.ts'
import type { ClientRequest } from './request.ts'
import { includesElement, lowerCase } from './tokens.ts'

/** The result of `validateResponse`. */
export type ResponseValidation = ValidResponse | { readonly ok: false; readonly error: string }

/** A response that opens the WebSocket (RFC 6455 §4.1). */
export interface ValidResponse {
  readonly ok: true
  /** The subprotocol in use; empty without one, as in `WebSocket.protocol`. */
  readonly protocol: string
  /**
   * The extensions in use, in the order in which they apply to the data. Each was offered; its
   * parameters have not been checked.
   */
  readonly extensions: readonly Extension[]
}

/** Validates the response to `request` (RFC 6455 §4.1). Never throws; `error` names the section. */
export function validateResponse(
  response: Pick<ResponseHead, 'status' | 'rawHeaders'>,
  request: ClientRequest,
  digest?: Digest,
): ResponseValidation {
  const { status, rawHeaders } = response
  const error = findFault(status, rawHeaders, request, digest)
  if (error !== undefined) return { ok: false, error }
  const extensions = readExtensions(rawHeaders)
  // "the recipient of such malformed data MUST immediately _Fail the WebSocket Connection_"
  if (extensions === undefined) {
    return { ok: false, error: 'Sec-WebSocket-Extensions is malformed (RFC 6455 §9.1)' }
  }
  // "If the response includes a |Sec-WebSocket-Extensions| header field and this header field
  // indicates the use of an extension that was not present in the client's handshake […], the
  // client MUST _Fail the WebSocket Connection_."
  const unoffered = extensions.find(({ name }) => !request.extensions.some(offer => offer.name === name))
  if (unoffered)
    return { ok: false, error: `the extension ${unoffered.name} was not offered (RFC 6455 §4.1)` }
  return { ok: true, protocol: joinValues(rawHeaders, 'sec-websocket-protocol') ?? '', extensions }
}

function findFault(
  status: number,
  rawHeaders: readonly string[],
  request: ClientRequest,
  digest?: Digest,
): string | undefined {
  // "If the status code received from the server is not 101, the client handles the response per
  // HTTP [RFC2616] procedures."
  if (status !== 101) return `the server answered ${status} instead of 101 (RFC 6455 §4.1)`
  // "If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value
  // that is not an ASCII case-insensitive match for the value "websocket", the client MUST _Fail
  // the WebSocket Connection_."
  if (lowerCase(joinValues(rawHeaders, 'upgrade') ?? '') !== 'websocket') {
    return 'Upgrade must be websocket (RFC 6455 §4.1)'
  }
  // "If the response lacks a |Connection| header field or the |Connection| header field doesn't
  // contain a token that is an ASCII case-insensitive match for the value "Upgrade", the client
  // MUST _Fail the WebSocket Connection_."
  if (!includesElement(joinValues(rawHeaders, 'connection') ?? '', 'upgrade')) {
    return 'Connection must contain Upgrade (RFC 6455 §4.1)'
  }
  // "If the response lacks a |Sec-WebSocket-Accept| header field or the |Sec-WebSocket-Accept|
  // contains a value other than the base64-encoded SHA-1 of the concatenation of the
  // |Sec-WebSocket-Key| (as a string, not base64-decoded) with the string
  // "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" but ignoring any leading and trailing whitespace, the
  // client MUST _Fail the WebSocket Connection_."
  if (joinValues(rawHeaders, 'sec-websocket-accept') !== computeAccept(request.key, digest)) {
    return 'Sec-WebSocket-Accept does not answer the key (RFC 6455 §4.1)'
  }
  // "If the response includes a |Sec-WebSocket-Protocol| header field and this header field
  // indicates the use of a subprotocol that was not present in the client's handshake […], the
  // client MUST _Fail the WebSocket Connection_."
  const protocol = joinValues(rawHeaders, 'sec-websocket-protocol')
  if (protocol === undefined || request.protocols.includes(protocol)) return undefined
  return 'the subprotocol was not offered (RFC 6455 §4.1)'
}

function readExtensions(rawHeaders: readonly string[]): readonly Extension[] | undefined {
  const text = joinValues(rawHeaders, 'sec-websocket-extensions')
  return text === undefined ? [] : parseExtensions(text)
}
