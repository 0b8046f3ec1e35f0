// Where a redirect leads (RFC 9110 §15.4).

import type { ResponseHead } from '@ws/handshake'
import { headersOf } from '../http/fields.ts'
import { httpUrl, parseTarget, type Target } from '../target.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Whether an answer is a redirect. */
export function isRedirect({ status }: ResponseHead): boolean {
  return REDIRECTS.has(status)
}

/** The target of a redirect, or a sentence that says why it cannot be followed. */
export function redirectTarget(head: ResponseHead, from: Target): Target | string {
  const location = headersOf(head).get('location')
  if (location === null) return 'it has no Location (RFC 9110 §10.2.2)'
  const url = URL.parse(location, httpUrl(from))
  if (url === null || !/^(?:https?|wss?):$/.test(url.protocol)) return 'its Location is no URL of a WebSocket'
  url.hash = ''
  const to = parseTarget(url)
  if (from.socketPath !== undefined) {
    if (to.host !== from.host) return 'it leads from a Unix socket to the network'
    return { ...from, path: to.path, search: to.search }
  }
  if (from.isSecure && !to.isSecure) return 'it leads from wss: to ws:'
  // A relative Location does not repeat the credentials.
  const isKept = to.origin === from.origin && to.authorization === undefined
  return isKept ? { ...to, authorization: from.authorization } : to
}
