// Servers that answer wrongly, without end, or break off at any byte. Whatever they do, `connect`
// rejects with an error that has a code, and leaves no transport behind.

import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { constants, deflateRawSync } from 'node:zlib'
import { permessageDeflate } from '@ws/deflate'
import { encodeFrame, Opcode } from '@ws/frame'
import { WebSocketServer } from '@ws/server'
import { collectGarbage, createCertificate, FaultProxy } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { ConnectError, type ConnectOptions, connect, HandshakeError } from '../src/index.ts'
import { failureOf } from './failure.ts'
import { startHttpProxy, startSocksProxy } from './proxies.ts'
import { acceptance, RawServer } from './raw-server.ts'

function isOurs(error: unknown): boolean {
  return (
    (error instanceof ConnectError || error instanceof HandshakeError) && error.code.startsWith('ERR_WS_')
  )
}

describe('an answer that is not valid', () => {
  /** What becomes of a valid answer, and a part of the error. */
  const answers: [string, (valid: string) => string, string][] = [
    ['K1: is not HTTP', () => 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'HTTP version'],
    ['K1: is HTTP/2', () => 'HTTP/2 101 Switching\r\n\r\n', 'HTTP version'],
    ['K1: has no status', () => 'HTTP/1.1 \r\n\r\n', 'status line'],
    ['K1: has a status of two digits', () => 'HTTP/1.1 10 x\r\n\r\n', 'status line'],
    ['K1: ends its lines with LF', valid => valid.replaceAll('\r\n', '\n'), 'CR LF'],
    [
      'K1: has a folded line',
      valid => valid.replace('Upgrade: websocket', 'Upgrade:\r\n websocket'),
      'header field',
    ],
    ['K1: has a space before a colon', valid => valid.replace('Upgrade:', 'Upgrade :'), 'header field'],
    ['K1: has a NUL', valid => valid.replace('websocket', 'web\0socket'), 'control characters'],
    ['K2: has no Upgrade', valid => valid.replace('Upgrade: websocket\r\n', ''), 'Upgrade must be websocket'],
    [
      'K2: upgrades to something else',
      valid => valid.replace('websocket', 'h2c'),
      'Upgrade must be websocket',
    ],
    [
      'K2: upgrades to two',
      valid => valid.replace('websocket', 'websocket, h2c'),
      'Upgrade must be websocket',
    ],
    [
      'K2: has no Connection',
      valid => valid.replace('Connection: Upgrade\r\n', ''),
      'Connection must contain',
    ],
    [
      'K2: has another Connection',
      valid => valid.replace('Connection: Upgrade', 'Connection: close'),
      'Connection',
    ],
    [
      'K2: has no accept value',
      valid => valid.replace(/Sec-WebSocket-Accept.*\r\n/, ''),
      'Sec-WebSocket-Accept',
    ],
    [
      'K2: has a wrong accept value',
      valid => valid.replace(/Accept: ./, 'Accept: _'),
      'Sec-WebSocket-Accept',
    ],
    [
      'K2: has two accept values',
      valid => valid.replace(/(Sec-WebSocket-Accept.*\r\n)/, '$1$1'),
      'Sec-WebSocket-Accept',
    ],
    [
      'K2: echoes the key',
      valid => valid.replace(/Accept: .*\r/, 'Accept: dGhlIHNhbXBsZSBub25jZQ==\r'),
      'Sec-WebSocket-Accept',
    ],
    [
      'K3: chooses a subprotocol',
      valid => valid.replace(/\r\n\r\n/, '\r\nSec-WebSocket-Protocol: x\r\n\r\n'),
      'subprotocol',
    ],
    [
      'K3: chooses an extension',
      valid => valid.replace(/\r\n\r\n/, '\r\nSec-WebSocket-Extensions: x\r\n\r\n'),
      'x was not offered',
    ],
    [
      'K3: chooses nonsense',
      valid => valid.replace(/\r\n\r\n/, '\r\nSec-WebSocket-Extensions: ;\r\n\r\n'),
      'malformed',
    ],
    [
      'K4: has 101 fields',
      valid => valid.replace(/\r\n\r\n/, `\r\n${'a: b\r\n'.repeat(101)}\r\n`),
      '100 header fields',
    ],
    [
      'K4: has a head of 17 KiB',
      valid => valid.replace(/\r\n\r\n/, `\r\na: ${'b'.repeat(17_000)}\r\n\r\n`),
      '16384 bytes',
    ],
    [
      'K4: is the seventeenth',
      valid => `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(17)}${valid}`,
      'interim responses',
    ],
  ]

  test.each(answers)('%s', async (_name, change, part) => {
    await using server = await RawServer.start(async client => {
      const valid = acceptance(await client.head())
      const changed = change(valid)
      expect(changed).not.toBe(valid)
      client.write(changed)
    })
    const error = await failureOf(connect(server.url))
    expect(error).toMatchObject({
      name: 'HandshakeError',
      code: 'ERR_WS_INVALID_RESPONSE',
      response: undefined,
      message: expect.stringContaining(part),
    })
    expect(server.errors).toEqual([])
    await server.clients[0]!.closed
  })

  test('K2: of HTTP/1.0 opens nothing', async () => {
    await using server = await RawServer.start(async client => {
      client.write(acceptance(await client.head()).replace('HTTP/1.1', 'HTTP/1.0'))
    })
    expect(await failureOf(connect(server.url))).toMatchObject({ code: 'ERR_WS_INVALID_RESPONSE' })
  })
})

describe('an answer without end', () => {
  const endless: [string, string, string, string][] = [
    ['a status line', 'HTTP/1.1 101 ', 'x'.repeat(1000), 'ERR_WS_INVALID_RESPONSE'],
    ['a head', 'HTTP/1.1 101 x\r\n', `a: ${'b'.repeat(100)}\r\n`, 'ERR_WS_INVALID_RESPONSE'],
    ['interim responses', '', 'HTTP/1.1 103 x\r\n\r\n', 'ERR_WS_INVALID_RESPONSE'],
    ['a body', 'HTTP/1.1 500 x\r\n\r\n', 'x'.repeat(1000), 'ERR_WS_REJECTED'],
    [
      'a chunked body',
      'HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n',
      `64\r\n${'x'.repeat(100)}\r\n`,
      'ERR_WS_REJECTED',
    ],
    [
      'the size of a chunk',
      'HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n1;',
      'x'.repeat(1000),
      'ERR_WS_REJECTED',
    ],
    [
      'a redirect',
      'HTTP/1.1 302 x\r\nLocation: ftp://x\r\n\r\n',
      'x'.repeat(1000),
      'ERR_WS_INVALID_REDIRECT',
    ],
  ]

  test.each(endless)('K4: such as %s is cut off in bounded memory', async (_name, start, rest, code) => {
    await using server = await RawServer.start(async client => {
      await client.head()
      client.write(start)
      const more = (): void => {
        while (client.socket.writable && client.socket.write(rest.repeat(50))) {}
        client.socket.once('drain', more)
      }
      more()
    })
    collectGarbage()
    const before = process.memoryUsage().arrayBuffers
    expect(await failureOf(connect(server.url))).toMatchObject({ code })
    collectGarbage()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 2 ** 20)
    await server.clients[0]!.closed
  })

  test('K4: of a proxy is cut off too', async () => {
    await using proxy = await RawServer.start(async client => {
      await client.head()
      client.write('HTTP/1.1 407 x\r\n\r\n')
      const more = (): void => {
        while (client.socket.writable && client.socket.write('x'.repeat(50_000))) {}
        client.socket.once('drain', more)
      }
      more()
    })
    const attempt = connect('ws://example.test', { proxy: `http://127.0.0.1:${proxy.port}` })
    const error = (await failureOf(attempt)) as HandshakeError
    expect(error.code).toBe('ERR_WS_PROXY_REJECTED')
    expect(await error.response?.text()).toHaveLength(65_536)
    await proxy.clients[0]!.closed
  })
})

describe('messages of an open socket', () => {
  test('K7: that would inflate to 256 MiB close with 1009 in bounded memory', async () => {
    const bomb = deflateRawSync(Buffer.alloc(2 ** 28), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(
      0,
      -4,
    )
    await using server = await RawServer.start(client =>
      client.accept(
        'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n',
        encodeFrame({ opcode: Opcode.binary, rsv: 0b100, payload: bomb }),
      ),
    )
    collectGarbage()
    const before = process.memoryUsage().arrayBuffers
    const socket = await connect(server.url, { extensions: [permessageDeflate()] })
    for await (const _ of socket) expect.unreachable()
    expect(await socket.closed).toMatchObject({ code: 1009, by: 'local' })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20)
  })

  test('F16: that are masked close with 1002', async () => {
    await using server = await RawServer.start(client =>
      client.accept('', Uint8Array.of(0x81, 0x81, 1, 2, 3, 4, 5)),
    )
    const socket = await connect(server.url)
    for await (const _ of socket) expect.unreachable()
    expect(await socket.closed).toMatchObject({ code: 1002, cause: { code: 'ERR_WS_MASKED_FRAME' } })
  })

  test('R4: that never end close with 1008 after messageTimeout', async () => {
    await using server = await RawServer.start(client => client.accept('', Uint8Array.of(0x81, 5, 65)))
    const socket = await connect(server.url, { messageTimeout: 50 })
    for await (const _ of socket) expect.unreachable()
    expect(await socket.closed).toMatchObject({ code: 1008, by: 'local' })
  })
})

describe('a connection that breaks off after any number of bytes', () => {
  const certificate = createCertificate()

  /** Resets and half-closes a connection after each of these numbers of bytes, in both directions. */
  async function breakOff(
    port: number,
    url: (port: number) => string,
    options: ConnectOptions,
    counts: readonly number[],
  ): Promise<void> {
    let opened = 0
    for (const direction of ['toServer', 'toClient'] as const) {
      for (const end of ['reset', 'half-close'] as const) {
        for (const bytes of counts) {
          await using proxy = await FaultProxy.start(port, { [direction]: { limit: { bytes, end } } })
          const given = { handshakeTimeout: 100, ...options }
          const proxied =
            options.proxy === undefined
              ? {}
              : { proxy: String(options.proxy).replace('PORT', String(proxy.port)) }
          try {
            const socket = await connect(url(proxy.port), { ...given, ...proxied })
            opened++
            for await (const _ of socket) socket.terminate()
            socket.terminate()
          } catch (error) {
            expect(error, `${direction} ${end} ${bytes}`).toSatisfy(isOurs)
          }
          await Promise.all(proxy.connections.map(({ closed }) => closed))
        }
      }
    }
    // Some got as far as an open socket, or nothing was tested.
    expect(opened).toBeGreaterThan(0)
  }

  const steps = (from: number, to: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => Math.round(from + ((to - from) * i) / (count - 1)))

  test('K6: of TCP', async () => {
    await using server = new WebSocketServer({ hosts: 'any', open: socket => socket.send('hello') })
    const { port } = await server.listen(0)
    await breakOff(port!, at => `ws://127.0.0.1:${at}`, {}, steps(0, 240, 30))
  })

  test('K6: of TLS', async () => {
    const https = createHttpsServer(certificate)
    await using server = new WebSocketServer({ hosts: 'any', open: socket => socket.send('hello') })
    server.attach(https)
    https.listen(0, '127.0.0.1')
    await once(https, 'listening')
    const { port } = https.address() as AddressInfo
    await breakOff(port, at => `wss://localhost:${at}`, { tls: { ca: certificate.cert } }, steps(0, 3000, 24))
    https.close()
  })

  test('K6: of an HTTP proxy', async () => {
    await using server = new WebSocketServer({ hosts: 'any', open: socket => socket.send('hello') })
    const { port } = await server.listen(0)
    const proxy = await startHttpProxy(() => port!)
    await using _proxy = proxy.server
    const options = { proxy: 'http://127.0.0.1:PORT' }
    await breakOff(proxy.server.port, () => 'ws://example.test', options, steps(0, 320, 20))
  })

  test('K6: of a SOCKS proxy', async () => {
    await using server = new WebSocketServer({ hosts: 'any', open: socket => socket.send('hello') })
    const { port } = await server.listen(0)
    const proxy = await startSocksProxy(() => port!)
    await using _proxy = proxy.server
    const options = { proxy: 'socks5h://127.0.0.1:PORT' }
    await breakOff(proxy.server.port, () => 'ws://example.test', options, [...steps(0, 24, 25), 100, 400])
  })
})
