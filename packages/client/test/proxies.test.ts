// `connect` through proxies of HTTP and SOCKS.

import { WebSocketServer } from '@ws/server'
import { createCertificate } from '@ws/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { type ConnectOptions, connect, type HandshakeError } from '../src/index.ts'
import { failureOf } from './failure.ts'
import { startHttpProxy, startSocksProxy } from './proxies.ts'
import { RawServer } from './raw-server.ts'

const certificate = createCertificate()
const tls = { ca: certificate.cert }

/** Sends a message through and back. */
async function echo(url: string, options: ConnectOptions): Promise<unknown> {
  const socket = await connect(url, options)
  socket.send('through')
  let answer: unknown
  for await (const message of socket) {
    answer = message
    break
  }
  socket.close()
  await socket.closed
  return answer
}

async function echoServer(): Promise<{ server: WebSocketServer<undefined>; port: number }> {
  const server = new WebSocketServer({ hosts: 'any', message: (socket, data) => socket.send(data) })
  const { port } = await server.listen(0)
  return { server, port: port! }
}

describe('an HTTP proxy', () => {
  test('opens a tunnel, with the credentials of its URL', async () => {
    const { server, port } = await echoServer()
    await using _server = server
    const proxy = await startHttpProxy(() => port)
    await using _proxy = proxy.server
    const url = `http://us%3Aer:p%20w@127.0.0.1:${proxy.server.port}`
    expect(await echo('ws://example.test/', { proxy: url })).toBe('through')
    const credentials = Buffer.from('us:er:p w').toString('base64')
    expect(proxy.requests).toEqual([
      `CONNECT example.test:80 HTTP/1.1\r\nHost: example.test:80\r\nProxy-Authorization: Basic ${credentials}\r\n\r\n`,
    ])
  })

  test('is asked for IPv6 addresses in brackets', async () => {
    const { server, port } = await echoServer()
    await using _server = server
    const proxy = await startHttpProxy(() => port)
    await using _proxy = proxy.server
    const url = new URL(`http://127.0.0.1:${proxy.server.port}`)
    expect(await echo('ws://[::1]:81/', { proxy: url })).toBe('through')
    expect(proxy.requests).toEqual(['CONNECT [::1]:81 HTTP/1.1\r\nHost: [::1]:81\r\n\r\n'])
  })

  test('passes TLS through, and may be reached over TLS itself', async () => {
    await using server = await RawServer.start(client => client.accept(), { tls: certificate })
    for (const own of [undefined, certificate]) {
      const proxy = await startHttpProxy(() => server.port, own && { tls: own })
      await using _proxy = proxy.server
      const scheme = own === undefined ? 'http' : 'https'
      const socket = await connect(server.url, { proxy: `${scheme}://localhost:${proxy.server.port}`, tls })
      socket.terminate()
      expect(proxy.requests).toHaveLength(1)
    }
  })

  test('K9: that refuses is told apart from a server that rejects', async () => {
    await using server = await RawServer.start(async client => {
      await client.head()
      client.socket.end('HTTP/1.1 407 Strange\r\n\r\nfrom the server')
    })
    const answers = [
      'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\nfrom the proxy',
      'HTTP/1.1 200 OK\r\n\r\n',
    ]
    const proxy = await startHttpProxy(() => server.port, { answer: () => answers.shift()! })
    await using _proxy = proxy.server
    const options = { proxy: `http://ann:secret@127.0.0.1:${proxy.server.port}` }
    const refusal = await failureOf(connect('ws://example.test', options))
    expect(refusal).toMatchObject({
      name: 'HandshakeError',
      code: 'ERR_WS_PROXY_REJECTED',
      message: `the proxy http://127.0.0.1:${proxy.server.port} answered 407 Proxy Authentication Required`,
    })
    expect(await (refusal as HandshakeError).response?.text()).toBe('from the proxy')
    const rejection = await failureOf(connect('ws://example.test', options))
    expect(rejection).toMatchObject({ code: 'ERR_WS_REJECTED' })
    expect(await (rejection as HandshakeError).response?.text()).toBe('from the server')
  })

  test.each([
    ['nothing', '', 'did not answer'],
    [
      '101',
      'HTTP/1.1 101 Switching\r\n\r\n',
      'answered wrongly: a 101 does not answer CONNECT (RFC 9110 §9.3.6)',
    ],
    ['nonsense', 'SSH-2.0-x\r\n\r\n', 'answered wrongly: the HTTP version is malformed (RFC 9112 §2.3)'],
  ])('K9: that answers %s is a ConnectError', async (_name, answer, message) => {
    await using proxy = await RawServer.start(async client => {
      await client.head()
      client.socket.end(answer)
    })
    const url = `http://ann:secret@127.0.0.1:${proxy.port}`
    expect(await failureOf(connect('ws://example.test', { proxy: url }))).toMatchObject({
      name: 'ConnectError',
      code: 'ERR_WS_PROXY_FAILED',
      message: `the proxy http://127.0.0.1:${proxy.port} ${message}`,
    })
  })

  test('that cannot be reached is a ConnectError of its own', async () => {
    const attempt = connect('ws://example.test', { proxy: 'http://ann:secret@127.0.0.1:1' })
    expect(await failureOf(attempt)).toMatchObject({
      code: 'ERR_WS_PROXY_FAILED',
      message: 'cannot connect to the proxy http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
    })
  })

  test('K8: that does not answer is given up at the deadline', async () => {
    await using proxy = await RawServer.start()
    for (const scheme of ['http', 'https', 'socks5', 'socks5h']) {
      const url = `${scheme}://127.0.0.1:${proxy.port}`
      const attempt = connect('ws://example.test', { proxy: url, handshakeTimeout: 40 })
      expect(await failureOf(attempt)).toMatchObject({ code: 'ERR_WS_HANDSHAKE_TIMEOUT' })
    }
    await Promise.all(proxy.clients.map(({ closed }) => closed))
  })
})

describe('a SOCKS proxy', () => {
  test('gets the name with socks5h:, and the address with socks5:', async () => {
    const { server, port } = await echoServer()
    await using _server = server
    const proxy = await startSocksProxy(() => port)
    await using _proxy = proxy.server
    const lookup: ConnectOptions['lookup'] = (_name, _options, callback) => callback(null, '192.0.2.7', 4)
    const at = `127.0.0.1:${proxy.server.port}`
    expect(await echo('ws://example.test/', { proxy: `socks5h://${at}`, lookup })).toBe('through')
    expect(Buffer.concat(proxy.requests.splice(0)).toString('latin1')).toBe(
      '\x05\x01\x00\x05\x01\x00\x03\x0cexample.test\x00\x50',
    )
    expect(await echo('ws://example.test:258/', { proxy: `socks5://${at}`, lookup })).toBe('through')
    expect([...Buffer.concat(proxy.requests.splice(0))]).toEqual([5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 7, 1, 2])
    expect(await echo('ws://[1::2:a]/', { proxy: `socks5://${at}` })).toBe('through')
    expect([...Buffer.concat(proxy.requests.splice(0)).subarray(6)]).toEqual([
      4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 10, 0, 80,
    ])
  })

  test('gets a user name and password where it asks for them', async () => {
    const { server, port } = await echoServer()
    await using _server = server
    const proxy = await startSocksProxy(() => port, { password: 'secret' })
    await using _proxy = proxy.server
    const at = `127.0.0.1:${proxy.server.port}`
    expect(await echo('ws://10.0.0.1/', { proxy: `socks5h://ann:secret@${at}` })).toBe('through')
    expect(Buffer.concat(proxy.requests).toString('latin1')).toContain('\x01\x03ann\x06secret')
    for (const [credentials, reason] of [
      ['ann:wrong@', 'it rejected the user name and password (RFC 1929 §2)'],
      ['', 'it does not accept a user name and password'],
    ]) {
      const error = await failureOf(connect('ws://10.0.0.1/', { proxy: `socks5h://${credentials}${at}` }))
      const expected = credentials === '' ? /requires authentication|does not accept/ : reason!
      expect(error).toMatchObject({ name: 'ConnectError', code: 'ERR_WS_PROXY_FAILED' })
      expect(String(error)).toMatch(expected)
      expect(String(error)).not.toContain('wrong')
    }
  })

  test.each([
    [1, 'general failure'],
    [2, 'not allowed by its rules'],
    [5, 'connection refused'],
    [99, 'reply 99'],
  ])('K9: that answers with reply %i is a ConnectError', async (reply, reason) => {
    const proxy = await startSocksProxy(() => 0, { reply })
    await using _proxy = proxy.server
    const attempt = connect('ws://example.test/', { proxy: `socks5h://127.0.0.1:${proxy.server.port}` })
    expect(await failureOf(attempt)).toMatchObject({
      code: 'ERR_WS_PROXY_FAILED',
      message: `the proxy socks5h://127.0.0.1:${proxy.server.port} did not connect to ws://example.test: ${reason}`,
    })
  })

  test.each([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'it does not speak SOCKS 5'],
    ['an unknown method', '\x05\x07', 'it does not accept a user name and password'],
    ['half an answer', '\x05', 'the connection has ended'],
    ['an unknown address', '\x05\x00\x05\x00\x00\x09', 'address type 9 is unknown'],
    ['another version', '\x05\x00\x04\x00\x00\x01', 'it does not speak SOCKS 5'],
  ])('K9: that answers %s is a ConnectError', async (_name, answer, reason) => {
    await using proxy = await RawServer.start(async client => {
      await client.bytes(3)
      client.socket.end(Buffer.from(answer, 'latin1'))
    })
    const attempt = connect('ws://example.test/', { proxy: `socks5h://a:b@127.0.0.1:${proxy.port}` })
    const error = await failureOf(attempt)
    expect(error).toMatchObject({ code: 'ERR_WS_PROXY_FAILED' })
    expect(String(error)).toContain(reason)
  })

  test('rejects credentials that are too long', async () => {
    const proxy = `socks5://${'a'.repeat(256)}@localhost`
    expect(await failureOf(connect('ws://a', { proxy }))).toMatchObject({ name: 'TypeError' })
  })
})

describe("'env'", () => {
  const saved = { ...process.env }
  afterEach(() => {
    process.env = { ...saved }
  })

  test('takes the proxy of the environment, and none where it names none', async () => {
    const { server, port } = await echoServer()
    await using _server = server
    const proxy = await startHttpProxy(() => port)
    await using _proxy = proxy.server
    process.env.http_proxy = `127.0.0.1:${proxy.server.port}`
    expect(await echo('ws://example.test/', { proxy: 'env' })).toBe('through')
    expect(proxy.requests).toHaveLength(1)
    process.env.NO_PROXY = '127.0.0.0/8'
    expect(await echo(`ws://127.0.0.1:${port}/`, { proxy: 'env' })).toBe('through')
    expect(proxy.requests).toHaveLength(1)
  })

  test('that has no valid URL is a TypeError that names the variable', async () => {
    process.env.HTTPS_PROXY = 'ftp://ann:secret@proxy'
    expect(await failureOf(connect('wss://example.test/', { proxy: 'env' }))).toMatchObject({
      name: 'TypeError',
      message: 'HTTPS_PROXY must be an http:, https:, socks5: or socks5h: URL with a host',
    })
  })
})
