// HTTP over real sockets: the page of a folder, health, readiness, and refusals.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { health, readiness } from './health.ts'
import { NoPage, readPage } from './page.ts'
import { serve } from './resource.ts'

const INDEX = `<!doctype html><title>Chat</title>${'<p>words</p>'.repeat(50)}`
const SCRIPT = 'export const greeting = "hello"\n'.repeat(50)
const TINY = 'p{}'
const PICTURE = Buffer.alloc(2000)

const folder = mkdtempSync(join(tmpdir(), 'chat-page-'))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), INDEX)
writeFileSync(join(folder, 'icon.png'), PICTURE)
writeFileSync(join(folder, 'app.webmanifest'), '{}')
writeFileSync(join(folder, 'odd.bin'), 'x')
writeFileSync(join(folder, 'assets', 'index-Ab_3-xyZ.js'), SCRIPT)
writeFileSync(join(folder, 'assets', 'index-12345678.css'), TINY)
symlinkSync('/etc/hostname', join(folder, 'link.txt'))

let reason: string | undefined
const resources = readPage(folder)
resources.set('/healthz', health)
resources.set(
  '/readyz',
  readiness(() => reason),
)
const server = createServer(serve(resources))

beforeAll(() => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve)))
afterAll(async () => {
  await new Promise(resolve => server.close(resolve))
  rmSync(folder, { recursive: true })
})

interface Reply {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** One request with its target as it stands: `fetch` would tidy it up. */
function ask(path: string, { method = 'GET', ...headers }: Record<string, string> = {}): Promise<Reply> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    asked.on('error', reject)
    asked.end()
  })
}

const SCRIPT_PATH = '/assets/index-Ab_3-xyZ.js'
const FOREVER = 'public, max-age=31536000, immutable'
const FILES = [
  ['/', INDEX, 'text/html; charset=utf-8', 'no-cache'],
  [SCRIPT_PATH, SCRIPT, 'text/javascript; charset=utf-8', FOREVER],
  ['/assets/index-12345678.css', TINY, 'text/css; charset=utf-8', FOREVER],
  ['/icon.png', PICTURE, 'image/png', 'no-cache'],
  ['/app.webmanifest', '{}', 'application/manifest+json', 'no-cache'],
  ['/odd.bin', 'x', 'application/octet-stream', 'no-cache'],
] as const

describe.each(FILES)('%s', (path, content, type, caching) => {
  test('is served completely, with its type, length and caching', async () => {
    const { status, headers, body } = await ask(path)
    expect(status).toBe(200)
    expect(body).toEqual(Buffer.from(content))
    expect(headers).toMatchObject({
      'content-type': type,
      'content-length': String(body.length),
      'cache-control': caching,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headers).not.toHaveProperty('content-encoding')
  })

  test.each(['identity', 'gzip'])('answers HEAD as GET, without the body (%s)', async coding => {
    const [get, head] = [
      await ask(path, { 'Accept-Encoding': coding }),
      await ask(path, { 'Accept-Encoding': coding, method: 'HEAD' }),
    ]
    expect(head.status).toBe(200)
    expect(head.body).toHaveLength(0)
    const { date: _, ...expected } = get.headers
    expect(head.headers).toMatchObject(expected)
  })

  test.each(['the tag', 'a weak tag', 'a list', 'any'])(
    'answers 304 to a client with the current version (%s)',
    async form => {
      const tag = (await ask(path)).headers.etag!
      const conditions = { 'the tag': tag, 'a weak tag': `W/${tag}`, 'a list': `"old", ${tag}`, any: '*' }
      const condition = conditions[form as keyof typeof conditions]
      const { status, headers, body } = await ask(path, { 'If-None-Match': condition })
      expect(status).toBe(304)
      expect(body).toHaveLength(0)
      expect(headers).toMatchObject({ etag: tag, 'cache-control': caching })
      expect(headers).not.toHaveProperty('content-length')
    },
  )

  test('is sent again to a client with another version', async () => {
    expect((await ask(path, { 'If-None-Match': '"old"' })).status).toBe(200)
  })
})

describe('compressed', () => {
  test('compresses files that shrink, for clients that accept it, with a tag of their own', async () => {
    for (const [path, content] of [
      ['/', INDEX],
      [SCRIPT_PATH, SCRIPT],
    ] as const) {
      const identity = await ask(path)
      const gzip = await ask(path, { 'Accept-Encoding': 'br, gzip' })
      expect(gzip.headers).toMatchObject({
        'content-encoding': 'gzip',
        'content-length': String(gzip.body.length),
      })
      expect(gunzipSync(gzip.body).toString()).toBe(content)
      expect(gzip.body.length).toBeLessThan(content.length)
      expect(gzip.headers.etag).not.toBe(identity.headers.etag)
      expect([identity.headers.vary, gzip.headers.vary]).toEqual(['Accept-Encoding', 'Accept-Encoding'])
    }
  })

  test('compares tags with the form that the client would get', async () => {
    const { etag } = (await ask('/', { 'Accept-Encoding': 'gzip' })).headers
    const again = await ask('/', { 'Accept-Encoding': 'gzip', 'If-None-Match': etag! })
    expect(again.status).toBe(304)
    expect(again.headers).toMatchObject({ vary: 'Accept-Encoding', etag })
    expect((await ask('/', { 'If-None-Match': etag! })).status).toBe(200)
  })

  test.each([
    'gzip',
    'GZIP',
    'gzip, deflate, br, zstd',
    'br;q=1.0, gzip;q=0.8, *;q=0.1',
    ' gzip ; q=0.001',
    'deflate,\tgzip;q=1.000',
    '*',
    'gzip, identity',
    'identity;q=0.5, gzip',
    'identity;q=0, *',
    'nonsense;;, gzip',
  ])('serves gzip for Accept-Encoding: %s', async field => {
    const { headers } = await ask('/', { 'Accept-Encoding': field })
    expect(headers['content-encoding']).toBe('gzip')
  })

  test.each([
    '',
    'identity',
    'br',
    'gzip;q=0',
    'gzip;q=0.000',
    '*;q=0',
    'gzip;q=0, *',
    'gzip;q=0.5, identity;q=0.6',
    'gzipped',
    'not gzip',
  ])('serves the file as it is for Accept-Encoding: %s', async field => {
    const { status, headers } = await ask('/', { 'Accept-Encoding': field })
    expect(status).toBe(200)
    expect(headers).not.toHaveProperty('content-encoding')
  })

  test('does not compress pictures or files that would grow', async () => {
    for (const path of ['/icon.png', '/assets/index-12345678.css']) {
      const { headers } = await ask(path, { 'Accept-Encoding': 'gzip' })
      expect(headers).not.toHaveProperty('content-encoding')
      expect(headers).not.toHaveProperty('vary')
    }
  })
})

test('the page has a content security policy', async () => {
  const { headers } = await ask('/')
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; manifest-src 'self'; " +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  )
})

test.each(['/', SCRIPT_PATH, '/healthz', '/readyz'])('%s accepts GET and HEAD only', async path => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH']) {
    const { status, headers } = await ask(path, { method })
    expect(status, method).toBe(405)
    expect(headers).toMatchObject({ allow: 'GET, HEAD', 'x-content-type-options': 'nosniff' })
  }
})

test.each([
  '/?',
  '/?a=b',
  '/?//',
  'http://example.com',
  'http://example.com/',
  'HTTP://[::1]:80/?x',
  'http://[/',
])('%s is the page', async path => expect((await ask(path)).status).toBe(200))

test.each([
  '//',
  '/index.html',
  '/link.txt',
  '/assets',
  '/assets/',
  '/assets/../index.html',
  '/../index.html',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/assets%2findex-12345678.css',
  '/%',
  '/%00',
  '/icon.png/',
  '/ICON.PNG',
  '*',
  '/__proto__',
  '/healthz/',
])('%s is not found', async path => {
  const { status, headers, body } = await ask(path)
  expect(status).toBe(404)
  expect(String(body)).toBe('Not found\n')
  expect(headers['content-security-policy']).toContain("default-src 'none'")
})

test('does not serve files that are added later', async () => {
  writeFileSync(join(folder, 'later.txt'), 'x')
  expect((await ask('/later.txt')).status).toBe(404)
})

test('a missing folder, or one without a page, is an error', () => {
  for (const missing of [join(folder, 'assets'), join(folder, 'nowhere')]) {
    expect(() => readPage(missing)).toThrow(NoPage)
    expect(() => readPage(missing)).toThrow(`the page is not built: there is no index.html in ${missing}`)
  }
})

test('health is ok independently of readiness, and readiness gives the reason', async () => {
  expect(await ask('/readyz')).toMatchObject({ status: 200, body: Buffer.from('ready\n') })
  reason = 'the store is down'
  expect(await ask('/readyz')).toMatchObject({ status: 503, body: Buffer.from('the store is down\n') })
  expect(await ask('/readyz', { method: 'HEAD' })).toMatchObject({ status: 503, body: Buffer.alloc(0) })
  const { status, headers, body } = await ask('/healthz')
  expect({ status, body: String(body) }).toEqual({ status: 200, body: 'ok\n' })
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' })
})
