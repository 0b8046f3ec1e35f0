// The server's response as the text of an HTTP/1.1 message (RFC 9112 §4).

import { checkFields, type Field, formatFields } from './fields.ts'
import { isFraming, type Rejection } from './rejection.ts'

/** The response that opens a WebSocket, as returned by `accept` (RFC 6455 §4.2.2). */
export interface HandshakeResponse {
  readonly status: 101
  readonly headers: readonly Field[]
}

/** Reason phrases of RFC 9110 §15 and RFC 6585. Other statuses are sent without one. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [101, 'Switching Protocols'],
  [200, 'OK'],
  [204, 'No Content'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [408, 'Request Timeout'],
  [410, 'Gone'],
  [414, 'URI Too Long'],
  [421, 'Misdirected Request'],
  [426, 'Upgrade Required'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
  [505, 'HTTP Version Not Supported'],
])

/**
 * The response as text, to be written as UTF-8. A rejection has a body, and its connection must be
 * closed after it. It gets `Content-Type: text/plain; charset=utf-8` and `Connection: close` unless
 * it has these fields, and always a Content-Length. Throws a TypeError for an invalid header, so
 * that a value cannot split the response.
 */
export function formatResponse(response: HandshakeResponse | Rejection): string {
  checkFields(response.headers, isFraming)
  const statusLine = `HTTP/1.1 ${response.status} ${REASONS.get(response.status) ?? ''}\r\n`
  if (!('body' in response)) return `${statusLine}${formatFields(response.headers)}\r\n`
  return `${statusLine}${formatFields(completeFields(response))}\r\n${response.body}`
}

function completeFields({ status, headers, body }: Rejection): readonly Field[] {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const fields = [...headers]
  if (!names.has('connection')) fields.push(['Connection', 'close'])
  // "A server MUST NOT send a Content-Length header field in any response with a status code of 1xx
  // (Informational) or 204 (No Content)." (RFC 9110 §8.6; for 304 it would be the length of a body
  // that is not sent)
  if (status === 204 || status === 304) return fields
  if (!names.has('content-type')) fields.push(['Content-Type', 'text/plain; charset=utf-8'])
  fields.push(['Content-Length', String(new TextEncoder().encode(body).length)])
  return fields
}
