// Header fields: those of a request, and those of an answer.

import type { Field, ResponseHead } from '@ws/handshake'

/** The headers of an answer. */
export function headersOf({ rawHeaders }: ResponseHead): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  return headers
}

/** Fields that are for one server only, and those about the connection to it. */
const PRIVATE_FIELDS = ['authorization', 'cookie', 'proxy-authorization', 'host']

/** The headers without those that another server must not get (RFC 9110 §15.4). */
export function publicHeaders(headers: Headers): Headers {
  const remaining = new Headers(headers)
  for (const name of PRIVATE_FIELDS) remaining.delete(name)
  return remaining
}

/** The fields of a request, without those that have options of their own. */
export function fieldsOf(headers: Headers): readonly Field[] {
  return [...headers].filter(([name]) => name !== 'host' && name !== 'origin')
}
