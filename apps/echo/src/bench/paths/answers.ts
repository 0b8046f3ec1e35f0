// Paths that answer the handshake with something other than a WebSocket.

import { type BenchPath, definePath } from '../path.ts'
import { parameter } from '../query.ts'
import { readCount, ValueError } from '../values.ts'

/** Of the text that a client has chosen: no browser may take it for a page. */
const TEXT_HEADERS = {
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'",
}

/** The statuses without a body (RFC 9110 §6.4.1). */
const WITHOUT_BODY: readonly number[] = [204, 205, 304]

export const STATUS: BenchPath = definePath({
  route: '/status/:status',
  usage: '/status/401',
  about: 'Answers the handshake with a status from 200 to 599.',
  parameters: {
    body: parameter('no', 'the body, as plain text', '', text => text),
  },
  upgrade({ params, query }) {
    const status = readStatus(params.status ?? '')
    const isBodiless = WITHOUT_BODY.includes(status)
    if (isBodiless && query.body !== '') throw new ValueError(`status ${status} must not have a body`)
    // "The server generating a 401 response MUST send a WWW-Authenticate header field" (RFC 9110
    // §15.5.2)
    const challenge = status === 401 ? { 'WWW-Authenticate': 'Basic realm="echo"' } : {}
    return new Response(isBodiless ? null : query.body, {
      status,
      headers: { ...TEXT_HEADERS, ...challenge },
    })
  },
})

export const REDIRECT: BenchPath = definePath({
  route: '/redirect',
  usage: '/redirect',
  about: 'Answers the handshake with 302 to another path of this server.',
  parameters: {
    to: parameter('/time', 'the path', '/', readPath),
  },
  upgrade: ({ query }) => new Response(null, { status: 302, headers: { Location: query.to } }),
})

function readStatus(text: string): number {
  try {
    return readCount(text, 200, 599)
  } catch (error) {
    throw new ValueError(`the status ${(error as Error).message}`)
  }
}

/** A path of this host, as a URL parser sees it: `//host` and `/\host` are not. */
function readPath(text: string): string {
  const base = 'ws://this.invalid'
  const url = text.startsWith('/') && URL.canParse(text, base) ? new URL(text, base) : undefined
  if (url?.origin === base) return `${url.pathname}${url.search}`
  throw new ValueError(`must be a path of this server such as /time, not ${JSON.stringify(text)}`)
}
