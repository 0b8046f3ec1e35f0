// `connect` to servers and through proxies that others have written: ws, servers of Node and Bun,
// nginx, HAProxy, tinyproxy, Squid, microsocks and Dante.

import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { permessageDeflate } from '@ws/deflate'
import { WebSocketServer } from '@ws/server'
import { createCertificate, InstalledProgram, withProgram, writeInto } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer as TheirServer } from 'ws'
import { type ConnectOptions, connect, type HandshakeError } from '../src/index.ts'
import { failureOf } from './failure.ts'

const certificate = createCertificate()
const tls = { ca: certificate.cert }
const messages = ['', 'x', 'é'.repeat(1000), new Uint8Array(0), new Uint8Array(70_000).fill(5)]

/** Sends messages of all kinds, and expects them back; then closes with 1000. */
async function echoes(url: string, options: ConnectOptions = {}): Promise<void> {
  const socket = await connect(url, options)
  for (const message of messages) socket.send(message)
  const received: unknown[] = []
  for await (const message of socket) if (received.push(message) === messages.length) socket.close(1000)
  expect(received).toEqual(messages)
  expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true, by: 'local' })
}

let ours: WebSocketServer<undefined>
let port: number
beforeAll(async () => {
  ours = new WebSocketServer({
    hosts: 'any',
    upgrade: ({ path }) => (path === '/private' ? new Response('who are you?', { status: 401 }) : {}),
    message: (socket, data) => socket.send(data),
  })
  port = (await ours.listen(0)).port!
})
afterAll(() => ours.close({ timeout: 0 }))

describe('ws', () => {
  test.each([
    ['without', false],
    ['with', true],
  ])('echoes %s compression', async (_name, perMessageDeflate) => {
    const server = new TheirServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
    await once(server, 'listening')
    server.on('connection', socket => socket.on('message', (data, binary) => socket.send(data, { binary })))
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    await echoes(url, { extensions: [permessageDeflate()] })
    await echoes(url)
    server.close()
  })

  test('negotiates subprotocols, pings, closes, and terminates', async () => {
    const server = new TheirServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'b' })
    await once(server, 'listening')
    const pings: string[] = []
    server.on('connection', (socket, request) => {
      socket.on('ping', data => pings.push(data.toString()))
      if (request.url === '/terminate') socket.terminate()
      else socket.on('message', () => socket.close(4001, 'reason'))
    })
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    const socket = await connect(url, { protocols: ['a', 'b'] })
    expect(socket.protocol).toBe('b')
    socket.ping(Buffer.from('hello'))
    socket.send('close')
    for await (const _ of socket) expect.unreachable()
    expect(await socket.closed).toMatchObject({ code: 4001, reason: 'reason', by: 'peer', wasClean: true })
    expect(pings).toEqual(['hello'])
    const another = await connect(`${url}/terminate`, { protocols: 'b' })
    for await (const _ of another) expect.unreachable()
    expect(await another.closed).toMatchObject({ code: 1006, by: 'network' })
    server.close()
  })
})

describe('a server of Node', () => {
  test.each([
    [200, {}],
    [400, { connection: 'close' }],
    [503, { 'retry-after': '7', connection: 'keep-alive' }],
  ])('that answers an upgrade with %i and a body', async (status, headers) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    server.on('upgrade', (_request, transport) => {
      const fields = Object.entries({ ...headers, 'content-length': '6' })
      const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
      transport.write(`HTTP/1.1 ${status} As I like\r\n${lines}\r\nsorry!`)
    })
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { response } = (await failureOf(connect(url))) as HandshakeError
    expect(response).toMatchObject({ status, statusText: 'As I like' })
    expect(await response?.text()).toBe('sorry!')
    server.close()
    server.closeAllConnections()
  })

  test('without WebSockets answers as to any request, in chunks', async () => {
    const server = createServer((_request, response) => {
      response.statusCode = 404
      response.write('not ')
      response.end('here')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { response } = (await failureOf(connect(url))) as HandshakeError
    expect(response?.status).toBe(404)
    expect(await response?.text()).toBe('not here')
    server.close()
    server.closeAllConnections()
  })
})

withProgram('bun', describe)('a server of Bun', () => {
  test('echoes, compresses, negotiates subprotocols, rejects, closes, and terminates', async () => {
    await using server = await InstalledProgram.start('bun', (listen, folder) => {
      const program = `Bun.serve({
        port: ${listen}, hostname: '127.0.0.1',
        fetch(request, server) {
          const { pathname } = new URL(request.url)
          if (pathname === '/private') return new Response('who are you?', { status: 401 })
          if (pathname === '/protocol')
            return server.upgrade(request, { headers: { 'sec-websocket-protocol': 'b' } }) ? undefined : new Response()
          return server.upgrade(request) ? undefined : new Response('no WebSocket', { status: 426 })
        },
        websocket: {
          perMessageDeflate: true,
          message(socket, data) {
            if (data === 'close me') socket.close(4001, 'reason')
            else if (data === 'terminate me') socket.terminate()
            else socket.send(data, true)
          },
        },
      })`
      return [writeInto(folder, 'server.js', program)]
    })
    const url = `ws://127.0.0.1:${server.port}`
    await echoes(url)
    await echoes(url, { extensions: [permessageDeflate()] })
    const rejection = (await failureOf(connect(`${url}/private`))) as HandshakeError
    expect(rejection.response?.status).toBe(401)
    expect(await rejection.response?.text()).toBe('who are you?')
    const socket = await connect(`${url}/protocol`, { protocols: ['a', 'b'] })
    expect(socket.protocol).toBe('b')
    socket.send('close me')
    for await (const _ of socket) expect.unreachable()
    expect(await socket.closed).toMatchObject({ code: 4001, reason: 'reason', by: 'peer', wasClean: true })
    const another = await connect(url)
    another.send('terminate me')
    for await (const _ of another) expect.unreachable()
    expect(await another.closed).toMatchObject({ code: 1006, by: 'network' })
  })
})

withProgram('nginx', describe)('nginx', () => {
  const start = () =>
    InstalledProgram.start('nginx', (listen, folder) => {
      writeInto(folder, 'key.pem', certificate.key)
      writeInto(folder, 'cert.pem', certificate.cert)
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        name => `${name}_temp_path ${folder}/${name};`,
      )
      const site = `server {
        listen 127.0.0.1:${listen} ssl; server_name localhost;
        ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
        location /moved { return 302 /private; }
        location / {
          proxy_pass http://127.0.0.1:${port}; proxy_http_version 1.1;
          proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
        }
      }`
      const configuration = `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
        events {} http { access_log off; ${temporary.join(' ')} ${site} }`
      return ['-e', 'stderr', '-p', folder, '-c', writeInto(folder, 'nginx.conf', configuration)]
    })

  test('passes messages, rejections and redirects over TLS', async () => {
    await using proxy = await start()
    const url = `wss://localhost:${proxy.port}`
    await echoes(url, { tls })
    await echoes(url, { tls, extensions: [permessageDeflate()] })
    const rejection = (await failureOf(connect(`${url}/moved`, { tls }))) as HandshakeError
    expect(rejection).toMatchObject({ code: 'ERR_WS_REJECTED' })
    expect(rejection.response?.status).toBe(401)
    expect(await rejection.response?.text()).toBe('who are you?')
  })

  test('that ends closes the socket with 1006', async () => {
    const proxy = await start()
    const socket = await connect(`wss://localhost:${proxy.port}`, { tls })
    await proxy[Symbol.asyncDispose]()
    for await (const _ of socket) expect.unreachable()
    expect(await socket.closed).toMatchObject({ code: 1006, by: 'network' })
  })
})

withProgram('haproxy', describe)('HAProxy', () => {
  test('passes messages, and answers 503 itself without a server', async () => {
    await using proxy = await InstalledProgram.start('haproxy', (listen, folder) => {
      const configuration = `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
  timeout tunnel 5s
frontend f
  bind 127.0.0.1:${listen}
  use_backend none if { path /none }
  default_backend b
backend b
  server s 127.0.0.1:${port}
backend none
  server s 127.0.0.1:1
`
      return ['-db', '-f', writeInto(folder, 'haproxy.cfg', configuration)]
    })
    const url = `ws://127.0.0.1:${proxy.port}`
    await echoes(url)
    const { response } = (await failureOf(connect(`${url}/none`))) as HandshakeError
    expect(response?.status).toBe(503)
    expect(await response?.text()).toContain('No server is available')
  })
})

/** The response with which an HTTP proxy refuses to connect to a target. */
async function refusalOf(proxy: string, target: string): Promise<Response> {
  const refusal = (await failureOf(connect(target, { proxy }))) as HandshakeError
  expect(refusal).toMatchObject({ code: 'ERR_WS_PROXY_REJECTED', response: expect.any(Response) })
  return refusal.response!
}

withProgram('tinyproxy', describe)('tinyproxy', () => {
  const start = () =>
    InstalledProgram.start('tinyproxy', (listen, folder) => {
      const configuration = `Port ${listen}
Listen 127.0.0.1
Timeout 10
Allow 127.0.0.1
BasicAuth ann secret
ConnectPort ${port}
LogFile "${folder}/log"
PidFile "${folder}/pid"
`
      return ['-d', '-c', writeInto(folder, 'tinyproxy.conf', configuration)]
    })

  test('opens a tunnel with credentials, and refuses without, or to another port', async () => {
    await using proxy = await start()
    const url = `ws://127.0.0.1:${port}`
    await echoes(url, { proxy: `http://ann:secret@127.0.0.1:${proxy.port}` })
    for (const [credentials, target, status] of [
      ['', url, 407],
      ['ann:wrong@', url, 401],
      ['ann:secret@', 'ws://127.0.0.1:1', 403],
    ] as const) {
      const response = await refusalOf(`http://${credentials}127.0.0.1:${proxy.port}`, target)
      expect(response.status).toBe(status)
      expect(await response.text()).toContain('tinyproxy')
    }
  })
})

withProgram('squid', describe)('Squid', () => {
  const start = () =>
    InstalledProgram.start('squid', (listen, folder) => {
      // Squid runs its helpers as a user of its own.
      chmodSync(folder, 0o755)
      const helper = `while read -r name password; do
  case "$name $password" in "ann secret") echo OK ;; *) echo ERR ;; esac
done`
      const configuration = `http_port 127.0.0.1:${listen}
auth_param basic program /bin/sh ${writeInto(folder, 'helper.sh', helper)}
auth_param basic children 1 startup=1
acl known proxy_auth REQUIRED
acl target port ${port} 1
http_access deny CONNECT !target
http_access allow known
http_access deny all
cache deny all
cache_log /dev/stderr
access_log none
pid_filename none
netdb_filename none
pinger_enable off
shutdown_lifetime 1 seconds
`
      return ['-N', '-f', writeInto(folder, 'squid.conf', configuration)]
    })

  test('opens a tunnel with credentials, refuses without, and says where it cannot connect', async () => {
    await using proxy = await start()
    const url = `ws://127.0.0.1:${port}`
    await echoes(url, { proxy: `http://ann:secret@127.0.0.1:${proxy.port}` })
    for (const [credentials, target, status] of [
      ['', url, 407],
      ['ann:wrong@', url, 407],
      ['ann:secret@', 'ws://127.0.0.1:2', 403],
      ['ann:secret@', 'ws://127.0.0.1:1', 503],
    ] as const) {
      const response = await refusalOf(`http://${credentials}127.0.0.1:${proxy.port}`, target)
      expect(response.status).toBe(status)
      expect(response.headers.get('server')).toContain('squid')
    }
  })
})

withProgram('danted', describe)('Dante', () => {
  test('connects to names and addresses, and refuses by its rules and where nothing listens', async () => {
    await using proxy = await InstalledProgram.start('danted', (listen, folder) => {
      const configuration = `logoutput: stderr
internal: 127.0.0.1 port = ${listen}
external: 127.0.0.1
clientmethod: none
socksmethod: none
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks block { from: 0.0.0.0/0 to: 0.0.0.0/0 port = 2 }
socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 command: connect }
`
      return ['-f', writeInto(folder, 'danted.conf', configuration)]
    })
    const at = `127.0.0.1:${proxy.port}`
    await echoes(`ws://127.0.0.1:${port}`, { proxy: `socks5://${at}` })
    // A user name is offered, and not asked for.
    await echoes(`ws://localhost:${port}`, { proxy: `socks5h://ann:secret@${at}` })
    for (const [target, reason] of [
      [1, 'connection refused'],
      [2, 'not allowed by its rules'],
    ] as const) {
      expect(
        await failureOf(connect(`ws://127.0.0.1:${target}`, { proxy: `socks5h://${at}` })),
      ).toMatchObject({
        name: 'ConnectError',
        code: 'ERR_WS_PROXY_FAILED',
        message: `the proxy socks5h://${at} did not connect to ws://127.0.0.1:${target}: ${reason}`,
      })
    }
  })
})

withProgram('microsocks', describe)('microsocks', () => {
  test('connects to names and addresses, with credentials, and refuses without', async () => {
    await using proxy = await InstalledProgram.start('microsocks', listen => [
      '-i',
      '127.0.0.1',
      '-p',
      String(listen),
      '-u',
      'ann',
      '-P',
      'secret',
    ])
    const at = `127.0.0.1:${proxy.port}`
    await echoes(`ws://127.0.0.1:${port}`, { proxy: `socks5://ann:secret@${at}` })
    await echoes(`ws://localhost:${port}`, { proxy: `socks5h://ann:secret@${at}` })
    for (const [credentials, target] of [
      ['', port],
      ['ann:wrong@', port],
      ['ann:secret@', 1],
    ] as const) {
      const attempt = connect(`ws://127.0.0.1:${target}`, { proxy: `socks5h://${credentials}${at}` })
      expect(await failureOf(attempt)).toMatchObject({ name: 'ConnectError', code: 'ERR_WS_PROXY_FAILED' })
    }
  })
})
