// The option `hosts`, and what `listen` on loopback answers to by default: a page whose name was
// made to resolve to 127.0.0.1 (DNS rebinding) names its own host in Host and in Origin.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { headLength, type Lines, RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { type HostPolicy, type ListenOptions, type ServerOptions, WebSocketServer } from '../src/index.ts'

interface Answer {
  readonly status: number
  readonly type: string | undefined
  readonly body: string
}

async function ask(port: number, request: string, host = '127.0.0.1'): Promise<Answer> {
  await using peer = await RawPeer.connect(port, host)
  await peer.write(request)
  const head = await peer.head()
  const status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))
  const type = /^content-type: (.*)$/im.exec(head)?.[1]
  if (status === 101) return { status, type, body: '' }
  const bytes = Buffer.from(await peer.ended())
  return { status, type, body: bytes.subarray(headLength(bytes)).toString() }
}

const upgrade = (port: number, lines: Lines, target = '/') => ask(port, upgradeRequest(target, lines))

const page = (port: number, host: string | undefined, target = '/', address?: string) => {
  const version = host === undefined ? '1.0' : '1.1'
  const line = host === undefined ? '' : `Host: ${host}\r\n`
  return ask(port, `GET ${target} HTTP/${version}\r\n${line}Connection: close\r\n\r\n`, address)
}

/** A server that listens, and answers ordinary requests with a page. */
async function listen(options: ServerOptions = {}, where: ListenOptions = {}) {
  const server = new WebSocketServer({
    message() {},
    http: (_request, response) => void response.end('a page'),
    ...options,
  } as ServerOptions)
  const { port } = await server.listen(where)
  return {
    port,
    server,
    async [Symbol.asyncDispose]() {
      await server.close({ timeout: 0 })
    },
  }
}

/** A server that is attached to an HTTP server of the application. */
async function attach(options: ServerOptions = {}) {
  const server = new WebSocketServer({ message() {}, ...options } as ServerOptions)
  const http = createServer((_request, response) => response.end('a page'))
  server.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    port: (http.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await server.close({ timeout: 0 })
      http.close()
      http.closeAllConnections()
    },
  }
}

const REBOUND = [
  'evil.example',
  'evil.example:3368',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evil.',
]
const LOCAL = [
  'localhost',
  'LOCALHOST:3000',
  'localhost.:80',
  'a.b.localhost',
  '127.0.0.1:1',
  '[::1]',
  '192.0.2.7',
]

describe('a server that listens on loopback', () => {
  test.each(REBOUND)('answers 421 to a page of %s, to its WebSocket and to its requests', async host => {
    await using server = await listen()
    const answer = await upgrade(server.port, { Host: host, Origin: `http://${host}` })
    expect(answer).toEqual({
      status: 421,
      type: 'text/plain; charset=utf-8',
      body: `this server does not answer to the host "${host}": its option hosts does not list it (RFC 9110 §15.5.20)`,
    })
    expect(await page(server.port, host)).toEqual(answer)
    expect(server.server.stats()).toMatchObject({ refused: 1, opened: 0 })
  })

  test.each(LOCAL)('answers to %s', async host => {
    await using server = await listen()
    expect(await upgrade(server.port, { Host: host, Origin: `http://${host}` })).toMatchObject({
      status: 101,
    })
    expect(await page(server.port, host)).toMatchObject({ status: 200, body: 'a page' })
  })

  test.each(['127.0.0.1', '::1', 'localhost', '127.0.0.2'])('does so with the host %s', async host => {
    await using server = await listen({}, { host })
    const address = host === 'localhost' ? '127.0.0.1' : host
    expect(await page(server.port, 'evil.example', '/', address)).toMatchObject({ status: 421 })
    expect(await page(server.port, host === '::1' ? '[::1]' : host, '/', address)).toMatchObject({
      status: 200,
    })
  })

  test('takes the host of an absolute target instead of Host', async () => {
    await using server = await listen()
    const there = `http://evil.example:${server.port}/`
    expect(await upgrade(server.port, { Host: 'localhost' }, there)).toMatchObject({ status: 421 })
    expect(await page(server.port, 'localhost', there)).toMatchObject({ status: 421 })
    expect(await upgrade(server.port, { Host: 'evil.example' }, 'http://localhost/')).toMatchObject({
      status: 101,
    })
    expect(await page(server.port, 'evil.example', 'http://localhost/')).toMatchObject({ status: 200 })
  })

  test('answers 421 before it looks for a route, and when Node reads the request', async () => {
    await using server = await listen()
    server.server.route('/chat', { message() {} })
    for (const path of ['/chat', '/other', '//', '/chat?x'])
      expect(await upgrade(server.port, { Host: 'evil.example' }, path)).toMatchObject({ status: 421 })
    await using peer = await RawPeer.connect(server.port)
    const request = upgradeRequest('/chat', { Host: 'evil.example' })
    await peer.write(request.slice(0, 20))
    await new Promise(setImmediate)
    await peer.write(request.slice(20))
    expect(Buffer.from(await peer.ended()).toString()).toMatch(/^HTTP\/1\.1 421 Misdirected Request\r\n/)
  })

  test('answers a request without a host, as those of health checks are', async () => {
    await using server = await listen()
    expect(await page(server.port, undefined)).toMatchObject({ status: 200 })
  })

  test('answers 421 without an http handler as well', async () => {
    await using server = await listen({ http: undefined } as object)
    expect(await page(server.port, 'evil.example')).toMatchObject({ status: 421 })
    expect(await page(server.port, 'localhost')).toMatchObject({ status: 426 })
  })

  test('answers to all hosts with trustProxy, behind which the names are the proxy’s', async () => {
    await using server = await listen({ trustProxy: ['loopback'] })
    expect(await upgrade(server.port, { Host: 'app.example' })).toMatchObject({ status: 101 })
    expect(await page(server.port, 'app.example')).toMatchObject({ status: 200 })
  })

  test('answers to all hosts with the hosts any', async () => {
    await using server = await listen({ hosts: 'any' })
    expect(await upgrade(server.port, { Host: 'app.example' })).toMatchObject({ status: 101 })
    expect(await page(server.port, 'app.example')).toMatchObject({ status: 200 })
  })
})

const outside = Object.values(networkInterfaces())
  .flat()
  .find(address => address?.family === 'IPv4' && !address.internal)?.address

test.each(['0.0.0.0', '::', ...(outside === undefined ? [] : [outside])])(
  'a server that listens on %s answers to all hosts',
  async host => {
    await using server = await listen({}, { host })
    const address = host === outside ? host : '127.0.0.1'
    expect(await page(server.port, 'app.example', '/', address)).toMatchObject({ status: 200 })
  },
)

test('an attached server answers to all hosts, unless it has the option', async () => {
  await using open = await attach()
  expect(await upgrade(open.port, { Host: 'app.example' })).toMatchObject({ status: 101 })
  await using closed = await attach({ hosts: ['app.example'] })
  expect(await upgrade(closed.port, { Host: 'app.example' })).toMatchObject({ status: 101 })
  expect(await upgrade(closed.port, { Host: 'localhost' })).toMatchObject({ status: 421 })
  expect(await page(closed.port, 'localhost')).toMatchObject({ status: 200 })
})

describe('the option hosts', () => {
  const policy: HostPolicy = ['app.example', '*.app.example', '::1']

  test.each([
    ['app.example', 101],
    ['APP.example.:8443', 101],
    ['a.b.app.example', 101],
    ['[0:0:0:0:0:0:0:1]:80', 101],
    ['localhost', 421],
    ['127.0.0.1', 421],
    ['[::2]', 421],
    ['evilapp.example', 421],
    ['.app.example', 421],
  ])('is the list of hosts wherever the server listens: %s gets %i', async (host, status) => {
    for (const options of [{ hosts: policy }, { hosts: policy, trustProxy: ['loopback'] }]) {
      for (const where of [{}, { host: '0.0.0.0' }]) {
        await using server = await listen(options, where)
        expect(await upgrade(server.port, { Host: host })).toMatchObject({ status })
        expect(await page(server.port, host)).toMatchObject({ status: status === 101 ? 200 : status })
      }
    }
  })

  test('throws for what is not a host', () => {
    for (const hosts of ['app.example', null, ['*'], ['app.example:80'], ['https://app.example'], [1]])
      expect(() => new WebSocketServer({ hosts: hosts as HostPolicy })).toThrow(TypeError)
  })
})
