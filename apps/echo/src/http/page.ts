// The page to try the server with: its files, read and compressed once, served over HTTP.

import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { createPaths } from '../bench/paths.ts'
import { formatList } from './help.ts'
import { pathOf, refuse, refuseMethod, SECURITY } from './respond.ts'

/** One form of a file. */
interface Encoded {
  readonly body: Buffer
  readonly headers: OutgoingHttpHeaders & { readonly ETag: string }
}

interface PageFile {
  readonly plain: Encoded
  readonly gzip: Encoded
}

const FILES = new Map([
  [
    '/',
    readPageFile('index.html', 'text/html; charset=utf-8', html =>
      html.replace('<!-- paths -->', () => formatList(createPaths())),
    ),
  ],
  ['/page.css', readPageFile('page.css', 'text/css; charset=utf-8')],
  ['/page.js', readPageFile('page.js', 'text/javascript; charset=utf-8')],
])

/**
 * Answers one ordinary HTTP request: GET and HEAD of the page's files (304 where the client's copy is
 * still right), 405 for their other methods, 404 for everything else. Never throws.
 */
export function servePage(request: IncomingMessage, response: ServerResponse): void {
  const file = FILES.get(pathOf(request))
  if (file === undefined) {
    refuse(response, 404, 'Not found')
    return
  }
  if (refuseMethod(request, response)) return
  const { body, headers } = acceptsGzip(request.headers['accept-encoding']) ? file.gzip : file.plain
  if (matches(request.headers['if-none-match'], headers.ETag)) {
    const { 'Content-Length': _, 'Content-Type': __, 'Content-Encoding': ___, ...kept } = headers
    response.writeHead(304, kept).end()
  } else {
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : body)
  }
}

/** The page's folder is in that of the app, as `src` and `dist` are. */
function readPageFile(name: string, type: string, complete = (text: string) => text): PageFile {
  const text = readFileSync(new URL(`../../page/${name}`, import.meta.url), 'utf8')
  const body = Buffer.from(complete(text))
  const tag = createHash('sha256').update(body).digest('base64url')
  const gzip = gzipSync(body)
  return {
    plain: { body, headers: headersOf(body, type, `"${tag}"`) },
    gzip: { body: gzip, headers: { ...headersOf(gzip, type, `"${tag}-gzip"`), 'Content-Encoding': 'gzip' } },
  }
}

function headersOf(body: Buffer, type: string, tag: string): Encoded['headers'] {
  return {
    'Content-Type': type,
    'Content-Length': body.length,
    ETag: tag,
    'Cache-Control': 'no-cache',
    Vary: 'Accept-Encoding',
    ...SECURITY,
  }
}

/** Whether gzip is in the list, and not with a weight of zero (RFC 9110 §12.5.3). */
function acceptsGzip(accepted: string | string[] | undefined): boolean {
  const codings = String(accepted ?? '')
    .split(',')
    .map(coding => coding.trim().toLowerCase())
  const gzip = codings.find(coding => /^gzip\s*(?:;|$)/.test(coding))
  return gzip !== undefined && !/;\s*q=0(?:\.0*)?$/.test(gzip)
}

/** Whether If-None-Match names this version: by weak comparison, "*" naming every one (RFC 9110 §13.1.2). */
function matches(condition: string | undefined, tag: string): boolean {
  if (condition === undefined) return false
  const tags = condition.split(',').map(each => each.trim().replace(/^W\//, ''))
  return tags.includes(tag) || tags.includes('*')
}
