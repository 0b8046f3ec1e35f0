// The page as resources: every file of its folder, read and compressed once at the start. No
// request ever reaches the file system.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { OutgoingHttpHeaders } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import Negotiator from 'negotiator'
import type { Answer, Resource } from './resource.ts'

/**
 * The content security policy of the page: its own scripts, styles and pictures, and connections to
 * its origin ('self' includes ws: and wss: of the same host). Trusted types forbid turning a string
 * into HTML or script.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "manifest-src 'self'",
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

const TEXTS = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.json', 'application/json'],
  ['.webmanifest', 'application/manifest+json'],
  ['.txt', 'text/plain; charset=utf-8'],
])

const BINARIES = new Map([
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.webp', 'image/webp'],
  ['.woff2', 'font/woff2'],
])

/** The folder has no page in it. */
export class NoPage extends Error {
  override readonly name = 'NoPage'
}

/**
 * The files of a folder by their paths, its index.html as `/`. Throws `NoPage` where that is
 * missing.
 */
export function readPage(folder: string): Map<string, Resource> {
  const resources = new Map<string, Resource>()
  for (const file of filesIn(folder)) {
    const path = `/${relative(folder, file).replaceAll(sep, '/')}`
    resources.set(path === '/index.html' ? '/' : path, pageFile(path, readFileSync(file)))
  }
  if (!resources.has('/')) throw new NoPage(`the page is not built: there is no index.html in ${folder}`)
  return resources
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

/** Serves a file as it is, and compressed if that is smaller. */
function pageFile(path: string, content: Buffer): Resource {
  const kind = extname(path)
  const text = TEXTS.get(kind)
  const headers: OutgoingHttpHeaders = {
    'Content-Type': text ?? BINARIES.get(kind) ?? 'application/octet-stream',
    'Cache-Control': isNamedByContent(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...SECURITY,
  }
  const compressed = text === undefined ? content : gzipSync(content, { level: constants.Z_BEST_COMPRESSION })
  if (compressed.length >= content.length) {
    const only = makeVersion(content, headers)
    return request => answerWith(only, request.headers['if-none-match'])
  }
  const identity = makeVersion(content, { ...headers, Vary: 'Accept-Encoding' })
  const gzip = makeVersion(compressed, { ...headers, Vary: 'Accept-Encoding', 'Content-Encoding': 'gzip' })
  return request => {
    const isCompressed = new Negotiator(request).encoding(['gzip', 'identity']) === 'gzip'
    return answerWith(isCompressed ? gzip : identity, request.headers['if-none-match'])
  }
}

/** Vite puts a hash of the content into the names of files in assets/: they never change. */
function isNamedByContent(path: string): boolean {
  return /^\/assets\/.*-[\w-]{8}\.\w+$/.test(path)
}

/** One form of a file, with the tag that names exactly these bytes. */
interface Version {
  readonly tag: string
  readonly whole: Answer
  readonly unchanged: Answer
}

function makeVersion(body: Buffer, headers: OutgoingHttpHeaders): Version {
  const tag = `"${createHash('sha256').update(body).digest('base64url')}"`
  const { 'Content-Type': _, 'Content-Encoding': __, ...kept } = headers
  return {
    tag,
    whole: { status: 200, headers: { ...headers, ETag: tag, 'Content-Length': body.length }, body },
    unchanged: { status: 304, headers: { ...kept, ETag: tag } },
  }
}

/**
 * The file, or 304 if the client's version is current: by weak comparison, with "*" for any version
 * (RFC 9110 §13.1.2).
 */
function answerWith({ tag, whole, unchanged }: Version, condition: string | undefined): Answer {
  const tags = condition?.split(',').map(each => each.trim().replace(/^W\//, '')) ?? []
  return tags.includes(tag) || tags.includes('*') ? unchanged : whole
}
