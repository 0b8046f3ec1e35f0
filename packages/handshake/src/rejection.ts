// Rejected handshakes. A rejection is a value that contains the response to send.

import { checkFields, type Field } from './fields.ts'

/** The HTTP response that rejects a handshake (RFC 6455 §4.2.2), for `formatResponse`. */
export interface Rejection {
  readonly ok: false
  /** The HTTP status: 400, 403, 426 … */
  readonly status: number
  /** Header fields; `formatResponse` adds Content-Type, Content-Length and Connection. */
  readonly headers: readonly Field[]
  /** One sentence; those of `validateRequest` end with the section that was violated. */
  readonly body: string
}

/** The statuses whose response has no body (RFC 9110 §6.4.1, §15.3.6). */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * A rejection of your own: `reject(503, 'The server is going down', [['Retry-After', '5']])`.
 * Throws a RangeError for a status outside 200–599, a TypeError for an invalid header, or for a
 * body with a status that does not allow one.
 */
export function reject(status: number, body: string, headers: Iterable<Field> = []): Rejection {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`status must be an integer from 200 to 599, not ${String(status)} (RFC 9110 §15)`)
  }
  if (BODILESS.has(status) && body !== '') {
    throw new TypeError(`a response with status ${status} must not have a body (RFC 9110 §6.4.1)`)
  }
  const fields = [...headers]
  checkFields(fields, isFraming)
  return { ok: false, status, headers: fields, body }
}

/** Whether a lower-case name is that of a field for framing a body (RFC 9112 §6). */
export function isFraming(name: string): boolean {
  return name === 'content-length' || name === 'transfer-encoding'
}
