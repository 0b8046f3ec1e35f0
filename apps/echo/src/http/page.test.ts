import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { createPaths } from '../bench/paths.ts'
import { formatList } from './help.ts'
import { servePage } from './page.ts'

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly bytes: Buffer
}

const server = createServer(servePage)

beforeAll(() => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise(resolve => server.close(resolve)))

/** One request with its target as it stands: `fetch` would tidy it up. */
function ask(path: string, { method = 'GET', ...headers }: Record<string, string> = {}): Promise<Answer> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const bytes = Buffer.concat(chunks)
        resolve({ status: response.statusCode, headers: response.headers, body: bytes.toString(), bytes })
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

const FOLDER = new URL('../../dist/page/', import.meta.url)

function pageFile(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8')
}

const ASSETS = readdirSync(new URL('assets/', FOLDER))

function asset(pattern: RegExp): string {
  return `assets/${ASSETS.find(name => pattern.test(name))}`
}

const [STYLE, SCRIPT, WORKER] = [/^index.*css$/, /^index.*js$/, /^socket-worker.*js$/].map(asset) as [
  string,
  string,
  string,
]

const FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8', 'no-cache'],
  [`/${STYLE}`, STYLE, 'text/css; charset=utf-8', 'public, max-age=31536000, immutable'],
  [`/${SCRIPT}`, SCRIPT, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  [`/${WORKER}`, WORKER, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
] as const

test('the page has at most 40 kB of compressed JavaScript', async () => {
  let size = 0
  for (const name of ASSETS.filter(each => each.endsWith('.js'))) {
    size += (await ask(`/assets/${name}`, { 'Accept-Encoding': 'gzip' })).bytes.length
  }
  expect(size).toBeLessThanOrEqual(40_000)
})

describe.each(FILES)('%s', (path, name, type, caching) => {
  it('is served whole, with its type and length', async () => {
    const { status, headers, body } = await ask(path)
    expect(status).toBe(200)
    expect(body).toBe(pageFile(name).replace('<!-- paths -->', formatList(createPaths())))
    expect(headers['content-type']).toBe(type)
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)))
    expect(headers['cache-control']).toBe(caching)
  })

  it('answers HEAD with the same head and no body', async () => {
    const [get, head] = [await ask(path), await ask(path, { method: 'HEAD' })]
    expect(head.status).toBe(200)
    expect(head.body).toBe('')
    const { date: _, ...expected } = get.headers
    expect(head.headers).toMatchObject(expected)
  })

  it.each(['the tag', 'a weak tag', 'a list', 'any'])(
    'answers 304 when the client has it (%s)',
    async form => {
      const tag = (await ask(path)).headers.etag!
      const condition = { 'the tag': tag, 'a weak tag': `W/${tag}`, 'a list': `"old", ${tag}`, any: '*' }[
        form
      ]!
      const { status, headers, body } = await ask(path, { 'If-None-Match': condition })
      expect(status).toBe(304)
      expect(body).toBe('')
      expect(headers).toMatchObject({ etag: tag, 'cache-control': caching })
      expect(headers).not.toHaveProperty('content-length')
    },
  )

  it('is compressed for a client that accepts gzip, with a tag of its own', async () => {
    const plain = await ask(path)
    const { headers, bytes } = await ask(path, { 'Accept-Encoding': 'br, gzip;q=0.8' })
    expect(gunzipSync(bytes).toString()).toBe(plain.body)
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(bytes.length) })
    expect(headers.etag).not.toBe(plain.headers.etag)
    expect([headers.vary, plain.headers.vary]).toEqual(['Accept-Encoding', 'Accept-Encoding'])
    const again = await ask(path, { 'Accept-Encoding': 'gzip', 'If-None-Match': headers.etag! })
    expect([again.status, again.headers['content-encoding']]).toEqual([304, undefined])
  })

  it.each(['identity', 'br', 'gzip;q=0', 'gzip; q=0.0', 'gzipped', ''])(
    'is not compressed for Accept-Encoding: %s',
    async accepted => {
      const { headers } = await ask(path, { 'Accept-Encoding': accepted })
      expect(headers).not.toHaveProperty('content-encoding')
    },
  )

  it('is served again when the client has another version', async () => {
    const { status } = await ask(path, { 'If-None-Match': '"old"' })
    expect(status).toBe(200)
  })

  it('refuses other methods, naming those it knows', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
      const { status, headers } = await ask(path, { method })
      expect(status, method).toBe(405)
      expect(headers).toMatchObject({ allow: 'GET, HEAD', 'content-type': 'text/plain; charset=utf-8' })
    }
  })
})

describe('targets', () => {
  it.each([
    '/?',
    '/?a=b',
    '/?//',
    'http://example.com',
    'http://example.com/',
    'HTTP://[::1]:80/?x',
    'http://[/',
  ])('%s is the page', async path => expect((await ask(path)).status).toBe(200))

  it.each([
    '//',
    '/index.html',
    '/../main.js',
    '/%2e',
    '/%',
    '/%00',
    `/${SCRIPT}/`,
    '*',
    '/__proto__',
    '/favicon.ico',
  ])('%s is not found', async path => {
    const { status, headers, body } = await ask(path)
    expect(status).toBe(404)
    expect(body).toBe('Not found\n')
    expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'content-length': '10' })
  })
})

describe('security', () => {
  it.each(['/', `/${STYLE}`, `/${SCRIPT}`, `/${WORKER}`, '/missing'])('%s carries the policy', async path => {
    const { headers } = await ask(path)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    const policy = String(headers['content-security-policy']).split('; ')
    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"])
      expect(policy).toContain(rule)
    // A page that shows any WebSocket connects to any.
    expect(policy).toContain("connect-src 'self' ws: wss:")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy.join(' ')).not.toMatch(/unsafe|\*/)
  })

  it('the page holds no inline script or style and names no other host', () => {
    const page = pageFile('index.html')
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script>/i)
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//i)
    expect(pageFile(STYLE)).not.toMatch(/@import|url\(/i)
    expect(pageFile(SCRIPT)).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write/)
  })
})
