// `connect` over TLS.

import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { WebSocketServer } from '@ws/server'
import { createCertificate } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { connect, reconnecting } from '../src/index.ts'
import { failureOf } from './failure.ts'
import { RawServer } from './raw-server.ts'

const certificate = createCertificate()

describe('wss:', () => {
  test('echoes through a server of Node', async () => {
    const https = createServer(certificate)
    await using server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
    server.attach(https)
    https.listen(0, '127.0.0.1')
    await once(https, 'listening')
    const { port } = https.address() as AddressInfo
    const data = new Uint8Array(300_000).fill(7)
    const socket = await connect(`wss://localhost:${port}/`, { tls: { ca: certificate.cert } })
    socket.send(data)
    for await (const message of socket) {
      expect(message).toEqual(data)
      break
    }
    socket.close()
    await socket.closed
    https.close()
  })

  test('rejects a certificate that is not trusted', async () => {
    await using server = await RawServer.start(client => client.accept(), { tls: certificate })
    expect(await failureOf(connect(server.url))).toMatchObject({
      name: 'ConnectError',
      code: 'ERR_WS_CONNECT',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    })
  })

  test('rejects the certificate of another host', async () => {
    await using server = await RawServer.start(client => client.accept(), { tls: certificate })
    const url = `wss://127.0.0.1:${server.port}`
    expect(await failureOf(connect(url, { tls: { ca: certificate.cert } }))).toMatchObject({
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
    const socket = await connect(url, { tls: { rejectUnauthorized: false } })
    socket.terminate()
  })

  test('sends the name of the host and http/1.1, or as given', async () => {
    await using server = await RawServer.start(client => client.accept(), {
      tls: { ...certificate, ALPNProtocols: ['http/1.1', 'x'] },
    })
    const seen = async (url: string, tls = {}): Promise<unknown> => {
      const socket = await connect(url, { tls: { ca: certificate.cert, ...tls } })
      socket.terminate()
      const { servername, alpnProtocol } = server.clients.at(-1)!.socket as TLSSocket & {
        servername: unknown
      }
      return { servername, alpnProtocol }
    }
    expect(await seen(server.url)).toEqual({ servername: 'localhost', alpnProtocol: 'http/1.1' })
    const address = `wss://127.0.0.1:${server.port}`
    expect(await seen(address, { servername: 'localhost', ALPNProtocols: ['x'] })).toEqual({
      servername: 'localhost',
      alpnProtocol: 'x',
    })
  })

  test('K8: ends at the deadline while the server does not answer in TLS', async () => {
    await using server = await RawServer.start()
    const attempt = connect(`wss://127.0.0.1:${server.port}`, { handshakeTimeout: 50 })
    expect(await failureOf(attempt)).toMatchObject({ code: 'ERR_WS_HANDSHAKE_TIMEOUT' })
    await server.clients[0]!.closed
  })

  test('a server without TLS is a ConnectError', async () => {
    await using server = await RawServer.start(client =>
      client.socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    )
    expect(await failureOf(connect(`wss://127.0.0.1:${server.port}`))).toMatchObject({
      code: 'ERR_WS_CONNECT',
      message: `cannot start TLS with wss://127.0.0.1:${server.port}: wrong version number`,
      cause: { code: 'ERR_SSL_WRONG_VERSION_NUMBER' },
    })
  })
})

test('reconnecting resumes the TLS session', async () => {
  const reused: unknown[] = []
  await using server = await RawServer.start(
    async client => {
      reused.push((client.socket as TLSSocket).isSessionReused())
      await client.accept()
      await client.bytes(6)
      client.socket.end()
    },
    { tls: certificate },
  )
  let count = 0
  for await (const socket of reconnecting(server.url, {
    tls: { ca: certificate.cert },
    retry: () => (count < 3 ? 0 : false),
  })) {
    count++
    socket.send('')
    for await (const _ of socket) expect.unreachable()
  }
  expect(reused).toEqual([false, true, true])
})
