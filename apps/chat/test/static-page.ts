// The built page over HTTP, as strictly as it will be served, for tests in a browser. Knows no chat.

import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname } from 'node:path'

const FOLDER = new URL('../dist/page/', import.meta.url)

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

/** Path and content of every file of the built page. Throws where it was not built. */
export function readPage(): ReadonlyMap<string, Buffer> {
  const names = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
  return new Map(
    names
      .filter(each => each.isFile())
      .map(({ parentPath, name }) => {
        const path = `${parentPath}/${name}`
        const relative = path.slice(path.indexOf('/dist/page') + '/dist/page'.length).replace(/\/+/g, '/')
        return [relative, readFileSync(path)]
      }),
  )
}

export function servePage(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url === '/' ? '/index.html' : (request.url ?? '')
  const body = readPage().get(path)
  if (body === undefined) {
    response.writeHead(404).end()
    return
  }
  const type = TYPES[extname(path)] ?? 'application/octet-stream'
  response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': POLICY }).end(body)
}
