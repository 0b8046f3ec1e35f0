// The size of a request's head: limited by options where the server listens, and by the HTTP
// server where it is attached to one (docs/hostile-inputs.md, rows H16 and H25).

import { once } from 'node:events'
import { createServer, type ServerOptions as HttpOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Lines, RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { type ServerOptions, WebSocketServer } from '../src/index.ts'

const ACCEPTED = { message() {} }
const COOKIE = { Cookie: 'x'.repeat(17 * 1024) }
const FIELDS: Lines = Object.fromEntries([...Array(150).keys()].map(i => [`X-${i}`, 'y']))
const TARGET = `/${'x'.repeat(9 * 1024)}`

async function statusOf(port: number, request: string, pieces = 1): Promise<number> {
  await using peer = await RawPeer.connect(port)
  const size = Math.ceil(request.length / pieces)
  for (let at = 0; at < request.length; at += size) {
    await peer.write(request.slice(at, at + size))
    await new Promise(setImmediate)
  }
  return Number((await peer.head()).slice('HTTP/1.1 '.length, 'HTTP/1.1 101'.length))
}

async function withHttp(
  options: HttpOptions,
  connect: (http: ReturnType<typeof createServer>) => void,
  run: (port: number) => Promise<void>,
): Promise<void> {
  const http = createServer(options)
  http.maxHeadersCount = 0
  connect(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  try {
    await run((http.address() as AddressInfo).port)
  } finally {
    http.close()
    http.closeAllConnections()
  }
}

describe.each([
  ['attach', (server: WebSocketServer) => (http: ReturnType<typeof createServer>) => server.attach(http)],
  [
    'handleUpgrade',
    (server: WebSocketServer) => (http: ReturnType<typeof createServer>) =>
      void http.on('upgrade', (...event) => server.handleUpgrade(...event)),
  ],
])('with %s, the limits are those of the HTTP server', (_, connect) => {
  test.each([
    ['a cookie of 17 KiB', upgradeRequest('/', COOKIE)],
    ['150 fields', upgradeRequest('/', FIELDS)],
    ['a target of 9 KiB', upgradeRequest(TARGET)],
  ])('which accepts %s', async (_, request) => {
    await using server = new WebSocketServer(ACCEPTED)
    await withHttp({ maxHeaderSize: 64 * 1024 }, connect(server), async port => {
      expect(await statusOf(port, request)).toBe(101)
      await server.close({ timeout: 0 })
    })
  })
})

describe('where the server listens, the limits are options', () => {
  const wide: ServerOptions = { maxHeadSize: 64 * 1024, maxFields: 2000, maxTargetLength: 32 * 1024 }
  const many: Lines = Object.fromEntries([...Array(1500).keys()].map(i => [`X-${i}`, 'y']))

  test.each([
    ['a cookie of 17 KiB', upgradeRequest('/', COOKIE), 431],
    ['150 fields', upgradeRequest('/', FIELDS), 431],
    ['1,500 fields', upgradeRequest('/', many), 431],
    ['a target of 9 KiB', upgradeRequest(TARGET), 414],
  ])('%s: 101 with wider ones, %#', async (_, request, status) => {
    for (const pieces of [1, 3]) {
      await using narrow = new WebSocketServer(ACCEPTED)
      expect(await statusOf((await narrow.listen()).port, request, pieces)).toBe(status)
      await using server = new WebSocketServer({ ...ACCEPTED, ...wide })
      expect(await statusOf((await server.listen()).port, request, pieces)).toBe(101)
      await server.close({ timeout: 0 })
    }
  })

  test.each([
    ['maxHeadSize', upgradeRequest('/', { Cookie: 'x'.repeat(1000) }), 431],
    ['maxFields', upgradeRequest('/', FIELDS), 431],
    ['maxTargetLength', upgradeRequest(`/${'x'.repeat(500)}`), 414],
  ])('a narrower %s is applied, whoever reads the head', async (name, request, status) => {
    await using server = new WebSocketServer({
      ...ACCEPTED,
      ...wide,
      [name]: name === 'maxFields' ? 20 : 300,
    })
    const { port } = await server.listen()
    for (const pieces of [1, 3]) expect(await statusOf(port, request, pieces)).toBe(status)
    expect(await statusOf(port, upgradeRequest('/'))).toBe(101)
    await server.close({ timeout: 0 })
  })

  test('an ordinary request is read with the same limit of its size', async () => {
    await using server = new WebSocketServer({
      ...wide,
      http: (_request, response) => void response.end('page'),
    })
    const { port } = await server.listen()
    const request = `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${COOKIE.Cookie}\r\n\r\n`
    expect(await statusOf(port, request)).toBe(200)
    await using plain = new WebSocketServer(wide)
    expect(await statusOf((await plain.listen()).port, request)).toBe(426)
  })

  test.each(['maxHeadSize', 'maxFields', 'maxTargetLength'])('a wrong %s throws', name => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])
      expect(() => new WebSocketServer({ [name]: value })).toThrow(`${name} must be a whole number from 1 to`)
    for (const value of ['1', null])
      expect(() => new WebSocketServer({ [name]: value })).toThrow(`${name} must be a number`)
  })
})
