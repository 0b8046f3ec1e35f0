// The page to try the server with: three files, read once, served over HTTP. Knows nothing of WebSocket.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

interface PageFile {
  readonly body: Buffer
  readonly headers: OutgoingHttpHeaders & { readonly ETag: string }
}

/**
 * What the page may do: run and style itself, show the icon written into it, and connect to where it came from ('self'
 * covers ws: and wss: of the same host). Trusted types forbid turning a string into HTML or script anywhere in it.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const SECURITY = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

const FILES = new Map([
  ['/', readPageFile('index.html', 'text/html; charset=utf-8')],
  ['/page.css', readPageFile('page.css', 'text/css; charset=utf-8')],
  ['/page.js', readPageFile('page.js', 'text/javascript; charset=utf-8')],
])

/**
 * Answers one ordinary HTTP request: GET and HEAD of `/`, `/page.css` and `/page.js` (304 where the client's copy is still
 * right), 405 for their other methods, 404 for all else. Never throws, whatever the request's target looks like.
 */
export function servePage(request: IncomingMessage, response: ServerResponse): void {
  const file = FILES.get(pathOf(request.url ?? ''))
  if (file === undefined) {
    refuse(response, 404, 'Not found')
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'Method not allowed', { Allow: 'GET, HEAD' })
  } else if (matches(request.headers['if-none-match'], file.headers.ETag)) {
    const { 'Content-Length': _, 'Content-Type': __, ...headers } = file.headers
    response.writeHead(304, headers).end()
  } else {
    response.writeHead(200, file.headers).end(request.method === 'HEAD' ? undefined : file.body)
  }
}

/** The page's folder is a sibling of this file's, in the sources as in dist/. */
function readPageFile(name: string, type: string): PageFile {
  const body = readFileSync(new URL(`../page/${name}`, import.meta.url))
  const headers = {
    'Content-Type': type,
    'Content-Length': body.length,
    ETag: `"${createHash('sha256').update(body).digest('base64url')}"`,
    'Cache-Control': 'no-cache',
    ...SECURITY,
  }
  return { body, headers }
}

function refuse(
  response: ServerResponse,
  status: number,
  text: string,
  more: OutgoingHttpHeaders = {},
): void {
  const body = Buffer.from(`${text}\n`)
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    Connection: 'close',
  }
  response.writeHead(status, { ...headers, ...SECURITY, ...more }).end(body)
}

/**
 * The path of a request's target, in origin-form or absolute-form (RFC 9112 §3.2), without the query. Not `new URL`, which
 * throws on `//` and `http://[`.
 */
function pathOf(target: string): string {
  const [, path = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i.exec(target) ?? []
  return path === '' && target !== '' ? '/' : path
}

/** Whether If-None-Match names this version: by weak comparison, "*" naming every one (RFC 9110 §13.1.2). */
function matches(condition: string | undefined, tag: string): boolean {
  if (condition === undefined) return false
  const tags = condition.split(',').map(each => each.trim().replace(/^W\//, ''))
  return tags.includes(tag) || tags.includes('*')
}
