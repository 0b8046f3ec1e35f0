// A refused handshake: an answer, not an accident. Knows no reason for refusing.

import { checkFields, type Field } from './fields.ts'

/**
 * The HTTP response that refuses a handshake, as plain data: nothing was thrown, this is to be sent (RFC 6455 §4.2.2).
 */
export interface Rejection {
  readonly ok: false
  /** The HTTP status: 400, 403, 426 … */
  readonly status: number
  /** Header fields of this refusal; `formatResponse` adds Content-Type, Content-Length and Connection. */
  readonly headers: readonly Field[]
  /** One sentence for a person; the refusals of `validateRequest` end in the section that was broken. */
  readonly body: string
}

/** The statuses whose response has no body (RFC 9110 §6.4.1, §15.3.6). */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * Makes a refusal of one's own: `reject(503, 'The server is going down', [['Retry-After', '5']])`. Throws a RangeError
 * for a status outside 200–599, a TypeError for a header that may not be written or a body where the status has none.
 */
export function reject(status: number, body: string, headers: Iterable<Field> = []): Rejection {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`a refusal has a final status, 200 to 599, not ${String(status)} (RFC 9110 §15)`)
  }
  if (BODILESS.has(status) && body !== '') {
    throw new TypeError(`a response ${status} has no body (RFC 9110 §6.4.1)`)
  }
  const fields = [...headers]
  checkFields(fields, isFraming)
  return { ok: false, status, headers: fields, body }
}

/** Whether the field, in lower case, says where a body ends (RFC 9112 §6): nobody but `formatResponse` writes these. */
export function isFraming(name: string): boolean {
  return name === 'content-length' || name === 'transfer-encoding'
}
