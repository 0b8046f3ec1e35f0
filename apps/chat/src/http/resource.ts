// HTTP resources: a path and its response. Answers GET and HEAD only. Independent of files and of
// the chat.

import type { IncomingMessage, OutgoingHttpHeaders, RequestListener, ServerResponse } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  /** Left out where the status allows none (304). */
  readonly body?: Buffer
}

/** Answers a GET; a HEAD gets the same without its body. Must not throw. */
export type Resource = (request: IncomingMessage) => Answer

/** Headers of all responses but the page's files: they may not be run, framed or sniffed. */
const PLAIN = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

/** An answer in plain text, which is so only now. */
export function plainText(status: number, text: string, more: OutgoingHttpHeaders = {}): Answer {
  const body = Buffer.from(text)
  return { status, headers: { ...PLAIN, 'Content-Length': body.length, ...more }, body }
}

/** Milliseconds in which a client must take some of the response that waits for it. */
const RESPONSE_TIMEOUT = 30_000

/**
 * Answers requests by path: 404 for unknown paths, 405 for methods other than GET and HEAD. Paths
 * are not normalized. Resources may be added later. Closes the connection of a client that has not
 * read for `timeout` milliseconds.
 */
export function serve(
  resources: ReadonlyMap<string, Resource>,
  timeout: number = RESPONSE_TIMEOUT,
): RequestListener {
  return (request, response) => {
    response.setTimeout(timeout)
    const resource = resources.get(pathOf(request.url ?? ''))
    if (resource === undefined) send(response, refusal(404, 'Not found'))
    // Node itself leaves the body out of the answer to a HEAD.
    else if (request.method === 'GET' || request.method === 'HEAD') send(response, resource(request))
    else send(response, refusal(405, 'Method not allowed', { Allow: 'GET, HEAD' }))
  }
}

/** Also ends the connection, because an unread body may follow. */
function refusal(status: number, text: string, more: OutgoingHttpHeaders = {}): Answer {
  return plainText(status, `${text}\n`, { ...more, Connection: 'close' })
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body)
}

/**
 * The path of a request's target, in origin-form or absolute-form (RFC 9112 §3.2), without the
 * query. Not `new URL`, which throws on `//` and `http://[`.
 */
function pathOf(target: string): string {
  const [, path = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i.exec(target) ?? []
  return path === '' && target !== '' ? '/' : path
}
