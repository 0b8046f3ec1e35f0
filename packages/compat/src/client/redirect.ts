// The header fields of a request that a redirect leads to another server (RFC 9110 §15.4).

import type { OutgoingHttpHeaders } from 'node:http'
import type { Target } from './target.ts'

/** Header fields by name. */
export interface Headers {
  [name: string]: OutgoingHttpHeaders[string]
  Origin?: string
}

/** Fields that are for one server only, and those about the connection to it. */
const PRIVATE: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host'])

/** Whether two URLs are of one server, and the second is not less secure. */
export function isSameHost(first: Target, next: Target): boolean {
  if (first.socketPath !== next.socketPath) return false
  if (first.isSecure && !next.isSecure) return false
  return first.url.host === next.url.host
}

/** The fields without those that another server must not get. */
export function publicHeaders(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !PRIVATE.has(name.toLowerCase())))
}
