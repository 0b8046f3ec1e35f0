// The page to try the server with: its files, read and compressed once, served over HTTP.

import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
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

/** The built page, seen from `src` and from `dist`. */
const FOLDER = fileURLToPath(new URL('../../dist/page', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

const FILES = readFiles(FOLDER)

/**
 * Answers one ordinary HTTP request: GET and HEAD of the page's files (304 where the client's copy is
 * still right), 405 for their other methods, 404 for everything else. Never throws.
 */
export function servePage(request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request)
  const file = FILES.get(path)
  if (file === undefined) {
    if (path === '/') refuse(response, 503, 'The page is not built; pnpm --filter @ws/echo page builds it')
    else refuse(response, 404, 'Not found')
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

/** The files of a folder by their paths, its index.html as `/`. None if there is no such folder. */
function readFiles(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const file of filesIn(folder)) {
    const path = `/${relative(folder, file).replaceAll(sep, '/')}`
    files.set(path === '/index.html' ? '/' : path, readPageFile(file, path))
  }
  return files
}

function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function readPageFile(file: string, path: string): PageFile {
  const text = readFileSync(file, 'utf8')
  const body = Buffer.from(text.replace('<!-- paths -->', () => formatList(createPaths())))
  const tag = createHash('sha256').update(body).digest('base64url')
  const gzip = gzipSync(body)
  const headers = (form: Buffer, suffix: string): Encoded['headers'] =>
    headersOf(form, path, `"${tag}${suffix}"`)
  return {
    plain: { body, headers: headers(body, '') },
    gzip: { body: gzip, headers: { ...headers(gzip, '-gzip'), 'Content-Encoding': 'gzip' } },
  }
}

function headersOf(body: Buffer, path: string, tag: string): Encoded['headers'] {
  // Vite puts a hash of the content into the names in assets/: under its name a file never changes.
  const isNamedByContent = path.startsWith('/assets/')
  return {
    'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
    'Content-Length': body.length,
    ETag: tag,
    'Cache-Control': isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache',
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
