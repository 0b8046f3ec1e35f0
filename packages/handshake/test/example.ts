// The handshake of RFC 6455 §1.2, and ways to change it.

import {
  type HandshakeRequest,
  type Rejection,
  type ValidationOptions,
  type ValidRequest,
  validateRequest,
} from '../src/index.ts'

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** Values by header name: a string, several lines, or undefined to omit the header. */
export type Changes = Readonly<Record<string, string | readonly string[] | undefined>>

/** The smallest valid request, with some headers and other parts changed. */
export function openingRequest(
  changes: Changes = {},
  parts: Partial<HandshakeRequest> = {},
): HandshakeRequest {
  const headers: Changes = {
    Host: 'example.com',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...changes,
  }
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) =>
    (value === undefined ? [] : [value].flat()).flatMap(line => [name, line]),
  )
  return { method: 'GET', url: '/chat', httpVersion: '1.1', rawHeaders, ...parts }
}

/** The result for such a request, which must be valid. */
export function expectValid(
  changes: Changes = {},
  parts: Partial<HandshakeRequest> = {},
  options: ValidationOptions = {},
): ValidRequest {
  const result = validateRequest(openingRequest(changes, parts), options)
  if (!result.ok) throw new Error(`rejected: ${result.status} ${result.body}`)
  return result
}

/** The rejection of such a request. */
export function expectRejected(
  changes: Changes = {},
  parts: Partial<HandshakeRequest> = {},
  options: ValidationOptions = {},
): Rejection {
  const result = validateRequest(openingRequest(changes, parts), options)
  if (result.ok) throw new Error('not rejected')
  return result
}

/** The status for such a request: 101, or that of the rejection. */
export function judgeStatus(
  changes: Changes = {},
  parts: Partial<HandshakeRequest> = {},
  options: ValidationOptions = {},
): number {
  const result = validateRequest(openingRequest(changes, parts), options)
  return result.ok ? 101 : result.status
}
