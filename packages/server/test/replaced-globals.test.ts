// Classes of the web that are not those of Node: frameworks replace the globals, packages have
// their own, and another realm has others.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { RawPeer, upgradeRequest } from '@ws/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type HeadersLike, WebSocketServer } from '../src/index.ts'

const { Response: NativeResponse, Headers: NativeHeaders } = globalThis

afterEach(() => {
  vi.unstubAllGlobals()
})

/** The answer to one upgrade request of a server with this `upgrade`. */
async function answerOf(upgrade: () => unknown): Promise<{ head: string; body: string; errors: unknown[] }> {
  const errors: unknown[] = []
  await using server = new WebSocketServer({
    upgrade: upgrade as () => Response,
    error: error => void errors.push(error),
  })
  const { port } = await server.listen()
  await using peer = await RawPeer.connect(port)
  await peer.write(upgradeRequest())
  const head = await peer.head()
  if (head.startsWith('HTTP/1.1 101 ')) return { head, body: '', errors }
  const [, body = ''] = Buffer.from(await peer.ended())
    .toString()
    .split('\r\n\r\n')
  return { head, body, errors }
}

/** A response as a web framework makes it: no instance of any global class. */
class LightResponse {
  readonly #text: string
  readonly status: number
  readonly headers = new Map([['X-Reason', 'no token']])

  constructor(text: string, { status }: { status: number }) {
    this.#text = text
    this.status = status
  }

  text(): string {
    return this.#text
  }
}

/** Headers as old polyfills have them. */
class OldHeaders {
  forEach(call: (value: string, name: string) => void): void {
    call('no token', 'x-reason')
  }
}

describe('a rejection by upgrade is sent', () => {
  beforeEach(() => {
    vi.stubGlobal('Response', LightResponse)
    vi.stubGlobal('Headers', class Headers {})
    vi.stubGlobal('Request', class Request {})
  })

  test.each<[string, () => unknown]>([
    [
      'a Response of Node',
      () => new NativeResponse('who?', { status: 401, headers: { 'X-Reason': 'no token' } }),
    ],
    ['one of a framework', () => new LightResponse('who?', { status: 401 })],
    ['an object', () => ({ status: 401, headers: { 'X-Reason': 'no token' }, text: async () => 'who?' })],
    [
      'one with headers of a polyfill',
      () => ({ status: 401, headers: new OldHeaders(), text: () => 'who?' }),
    ],
    [
      'one of another realm',
      () =>
        runInNewContext(
          `new (class Response {
            status = 401
            headers = new Map([['x-reason', 'no token']])
            async text() { return 'who?' }
          })()`,
        ),
    ],
  ])('if it is %s, whatever the globals are', async (_, create) => {
    for (const upgrade of [create, async () => create()]) {
      const { head, body, errors } = await answerOf(upgrade)
      expect(head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
      expect(head).toMatch(/\r\nx-reason: no token\r\n/i)
      expect([body, errors]).toEqual(['who?', []])
    }
  })
})

test('the answer of another server, as fetch returns it, is a rejection', async () => {
  const http = createServer((_request, response) => {
    response.writeHead(401, { 'Content-Encoding': 'gzip', 'X-Reason': 'no token' }).end(gzipSync('who?'))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
  vi.stubGlobal('Response', LightResponse)
  const { head, body, errors } = await answerOf(() => fetch(url, { headers: { Connection: 'close' } }))
  expect(head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
  expect(head).toContain('\r\nx-reason: no token\r\n')
  // The text has been decoded.
  expect(head).not.toMatch(/content-encoding/i)
  expect([body, errors]).toEqual(['who?', []])
  http.close()
})

test.each<[string, () => unknown]>([
  ['a Headers of Node', () => new NativeHeaders({ 'X-A': ' 1 ' })],
  [
    'those of a polyfill',
    () => ({ forEach: (call: (value: string, name: string) => void) => call('1', 'x-a') }),
  ],
  ['those of another realm', () => runInNewContext('new Map([["x-a", "1"]])')],
  ['a list of pairs', () => [['X-A', '1']]],
  ['an object', () => ({ 'X-A': 1 })],
  ['an object of another realm', () => runInNewContext('({ "x-a": "1" })')],
])('an accepted request gets the headers that are %s', async (_, headers) => {
  vi.stubGlobal('Headers', class Headers {})
  const { head, errors } = await answerOf(() => ({ headers: headers() as HeadersLike }))
  expect(errors).toEqual([])
  expect(head).toMatch(/^HTTP\/1\.1 101 /)
  expect(head).toMatch(/\r\nx-a: 1\r\n/i)
})

test.each<[string, unknown]>([
  ['null', null],
  ['a text', 'no'],
  ['a number', 401],
  ['a Request', new Request('http://localhost/')],
  ['an object without a text', { status: 401, headers: {} }],
  ['an object without headers', { status: 401, text: () => '' }],
  ['a response with a status that cannot be sent', { status: 0, headers: {}, text: () => '' }],
  ['a response with headers that are no pairs', { status: 401, headers: [['a']], text: () => '' }],
])('%s is no answer of upgrade, and is reported', async (_, answer) => {
  const { head, errors } = await answerOf(() => answer)
  expect(head).toMatch(/^HTTP\/1\.1 500 /)
  expect(errors).toHaveLength(1)
})
