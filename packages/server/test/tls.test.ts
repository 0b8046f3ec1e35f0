// The server attached to an HTTPS server. The most important tests run over both HTTP and HTTPS.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import {
  concat,
  createCertificate,
  headLength,
  RawPeer,
  segmentations,
  upgradeRequest,
  utf8,
} from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type CloseInfo, type ServerOptions, type Socket, WebSocketServer } from '../src/index.ts'
import { binary, close, FramePeer, frame, ping, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'

const MEBIBYTE = 2 ** 20

const certificate = createCertificate()

const kinds = {
  http: { create: () => createHttpServer(), connect: (port: number) => RawPeer.connect(port) },
  https: {
    create: () => createServer(certificate),
    connect: (port: number) => RawPeer.connectTls(port, certificate.cert),
  },
}

function transportClosed({ transports: [transport] }: RecordingServer): Promise<void> {
  return new Promise(resolve => transport!.on('close', () => resolve()))
}

describe.each(['http', 'https'] as const)('over %s', kind => {
  const { create, connect } = kinds[kind]
  const start = (options: ServerOptions = {}) => RecordingServer.start(options, create())
  const open = async (port: number, options: Parameters<typeof FramePeer.open>[1] = {}) =>
    FramePeer.over(await connect(port), options)
  const echo = { message: (socket: Socket, data: string | Uint8Array) => socket.send(data) }

  async function responseTo(port: number, request: string): Promise<string> {
    await using peer = await connect(port)
    await peer.write(request)
    const bytes = await peer.ended()
    expect(headLength(bytes)).toBeGreaterThan(0)
    return Buffer.from(bytes).toString()
  }

  describe('the handshake', () => {
    test('H1: is answered with 101, and sets the address and path of the socket', async () => {
      await using recorder = await start()
      await using peer = await open(recorder.port, {
        path: '/a?b',
        lines: { Origin: kind === 'http' ? 'http://localhost' : 'https://localhost' },
      })
      expect(peer.head).toContain('\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')
      const [socket] = recorder.server.sockets
      expect(socket).toMatchObject({ path: '/a', search: '?b', remoteAddress: '127.0.0.1', state: 'open' })
    })

    test('passes the scheme to upgrade, and keeps frames sent while it is pending', async () => {
      const { opened, open: accept } = gate()
      const schemes: string[] = []
      await using recorder = await start({
        ...echo,
        async upgrade(request) {
          schemes.push(request.url.protocol)
          await opened
          return {}
        },
      })
      const opening = open(recorder.port, { first: concat(text('early'), text('too')) })
      await expect.poll(() => schemes).toEqual([kind === 'http' ? 'ws:' : 'wss:'])
      accept()
      await using peer = await opening
      expect(await peer.frames(2)).toEqual(['text early', 'text too'])
    })

    test.each<[number, string]>([
      [400, upgradeRequest('/', { 'Sec-WebSocket-Key': undefined })],
      [403, upgradeRequest('/', { Origin: 'https://evil.example' })],
      [426, upgradeRequest('/', { 'Sec-WebSocket-Version': '8' })],
      [401, upgradeRequest('/private')],
      [500, upgradeRequest('/failing')],
    ])('rejects with %i in a complete response, then FIN', async (status, request) => {
      await using recorder = await start({
        upgrade({ path }) {
          if (path === '/private') return new Response('who are you?', { status: 401 })
          throw new Error('test error')
        },
      })
      const response = await responseTo(recorder.port, request)
      const body = response.slice(response.indexOf('\r\n\r\n') + 4)
      expect(response).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      expect(response).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`)
      expect(body.length).toBeGreaterThan(0)
      expect(recorder.names).toEqual(status === 500 ? ['error'] : [])
    })

    test('rejects new and pending requests with 503 while the server closes', async () => {
      const requested = gate()
      await using recorder = await start({
        upgrade(request) {
          if (request.path === '/') return {}
          requested.open()
          return new Promise(() => {})
        },
      })
      await using peer = await open(recorder.port)
      const waiting = responseTo(recorder.port, upgradeRequest('/slow'))
      await requested.opened
      const closed = recorder.server.close()
      const late = responseTo(recorder.port, upgradeRequest())
      for (const response of await Promise.all([waiting, late])) {
        expect(response).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: 5\r\n/)
      }
      await peer.send(close(1001))
      expect(await peer.ended()).toEqual(['close 1001'])
      peer.raw.end()
      expect(await closed).toMatchObject({ closed: 1, terminated: 0 })
    })

    test('rejects a pending request with 503 when a server without sockets closes', async () => {
      const requested = gate()
      await using recorder = await start({
        upgrade() {
          requested.open()
          return new Promise(() => {})
        },
      })
      const waiting = responseTo(recorder.port, upgradeRequest())
      await requested.opened
      await recorder.server.close()
      expect(await waiting).toMatch(/^HTTP\/1\.1 503 /)
    })
  })

  describe('the stream', () => {
    test('T9, T10: delivers the same messages for every segmentation of request and frames', async () => {
      const stream = concat(
        utf8(upgradeRequest('/')),
        text('Straße 𝄞'),
        frame(1, utf8('frag'), { fin: false }),
        ping('between'),
        frame(0, utf8('ment')),
        binary(new Uint8Array(300)),
        close(3000, 'done'),
      )
      for (const { segments } of segmentations(stream, [1])) {
        await using recorder = await start(echo)
        await using peer = await connect(recorder.port)
        for (const segment of segments) await peer.write(segment)
        await peer.ended()
        expect(recorder.messages).toEqual(['Straße 𝄞', 'fragment', new Uint8Array(300)])
        expect(recorder.reports).toEqual([{ code: 3000, reason: 'done', wasClean: true, by: 'peer' }])
      }
    })

    test('T11: delivers 10,000 empty texts sent together as 10,000 messages', async () => {
      await using recorder = await start(echo)
      await using peer = await open(recorder.port)
      await peer.send(...Array.from({ length: 10_000 }, () => text('')))
      expect(await peer.frames(10_000)).toEqual(Array(10_000).fill('text '))
    })

    test('R6: is paused while a handler is busy, and loses no message', async () => {
      const { opened, open: settle } = gate()
      let received = 0
      await using recorder = await start({
        message: () => (received++ === 0 ? opened : undefined),
      })
      await using peer = await open(recorder.port)
      const [transport] = recorder.transports
      const paused = once(transport!, 'pause')
      let written = false
      const sent = peer.send(...Array(32_000).fill(text('m'.repeat(1000)))).then(() => {
        written = true
      })
      await paused
      expect([received, written]).toEqual([1, false])
      settle()
      await sent
      await recorder.until('message', 32_000)
      await peer.send(close(1000))
      expect(await peer.ended()).toEqual(['close 1000'])
    })
  })

  describe('the end of a connection', () => {
    test('C4: is a Close with the code and reason of the peer, then FIN', async () => {
      await using recorder = await start(echo)
      await using peer = await open(recorder.port)
      await peer.send(text('last'), close(4999, 'why'))
      expect(await peer.ended()).toEqual(['text last', 'close 4999 why'])
      expect(recorder.reports).toEqual([{ code: 4999, reason: 'why', wasClean: true, by: 'peer' }])
      const closed = transportClosed(recorder)
      peer.raw.end()
      await closed
      expect(recorder.names).toEqual(['open', 'message', 'close'])
    })

    test('is a Close after earlier messages if the server closes', async () => {
      await using recorder = await start()
      await using peer = await open(recorder.port)
      const [socket] = recorder.server.sockets
      socket!.send('before')
      socket!.close(4000, 'enough')
      expect(await peer.frames(2)).toEqual(['text before', 'close 4000 enough'])
      await peer.send(text('dropped, as in browsers'), close(4000))
      await peer.ended()
      expect(recorder.messages).toEqual([])
      expect(recorder.reports).toEqual([{ code: 4000, reason: '', wasClean: true, by: 'local' }])
    })

    test('C9: is a termination at closeTimeout if the peer does not answer', async () => {
      await using recorder = await start({ closeTimeout: 40 })
      await using peer = await open(recorder.port)
      const closed = transportClosed(recorder)
      for (const socket of recorder.server.sockets) socket.close(1000)
      expect(await peer.frames(1)).toEqual(['close 1000'])
      await recorder.until('close')
      await closed
      expect(recorder.reports).toMatchObject([{ code: 1006, wasClean: false, by: 'local' }])
    })

    test('T6: is reported as 1006 after FIN without a Close, which is answered with FIN', async () => {
      await using recorder = await start()
      await using peer = await open(recorder.port)
      peer.raw.end()
      expect(await peer.ended()).toEqual([])
      await recorder.until('close')
      expect(recorder.reports).toMatchObject([{ code: 1006, wasClean: false, by: 'network' }])
    })

    test('T8: is reported as 1006 after a reset', async () => {
      await using recorder = await start()
      await using peer = await open(recorder.port)
      const closed = transportClosed(recorder)
      peer.raw.reset()
      await recorder.until('close')
      await closed
      expect(recorder.reports).toMatchObject([{ code: 1006, wasClean: false, by: 'network' }])
      expect(recorder.errors).toEqual([])
    })

    test('is reported once and without a Close after terminate', async () => {
      await using recorder = await start()
      await using _peer = await open(recorder.port)
      const closed = transportClosed(recorder)
      for (const socket of recorder.server.sockets) socket.terminate()
      await closed
      expect(recorder.reports).toEqual([{ code: 1006, reason: '', wasClean: false, by: 'local' }])
    })

    test('F3, F15: is a Close with the reason after a protocol violation', async () => {
      await using recorder = await start(echo)
      await using unmasked = await open(recorder.port)
      await unmasked.send(text('valid'), text('invalid', { maskingKey: undefined } as object))
      expect(await unmasked.ended()).toEqual(['text valid', expect.stringMatching(/^close 1002 .*§5\.1/)])
      await using long = await open(recorder.port)
      const sent = long.send(frame(2, new Uint8Array(8 * MEBIBYTE)))
      expect(await long.frames(1)).toEqual([expect.stringMatching(/^close 1009 /)])
      await long.ended()
      await sent
    })
  })

  describe('backpressure', () => {
    test('makes send return false once the kernel leaves something, until ready and drain are signaled', async () => {
      await using recorder = await start({ maxBufferedAmount: Number.POSITIVE_INFINITY })
      await using peer = await open(recorder.port)
      peer.raw.pause()
      const [socket] = recorder.server.sockets
      for (let i = 0; i < 32; i++) {
        const hasRoom = socket!.send(new Uint8Array(MEBIBYTE))
        expect(hasRoom).toBe(socket!.bufferedAmount < 65_536)
      }
      await new Promise(setImmediate)
      expect(socket!.bufferedAmount).toBeGreaterThan(MEBIBYTE)
      expect(recorder.names).toEqual(['open'])
      peer.raw.resume()
      await socket!.ready
      await recorder.until('drain')
      expect(await peer.frames(32)).toEqual(Array(32).fill('binary 1048576 bytes'))
      expect(socket!.bufferedAmount).toBe(0)
    })

    test('lets a handler that awaits ready echo every message to a slow peer', async () => {
      await using recorder = await start({
        async message(socket, data) {
          if (!socket.send(data)) await socket.ready
        },
      })
      await using peer = await open(recorder.port)
      peer.raw.pause()
      const count = 5000
      const sent = peer.send(...Array.from({ length: count }, (_, i) => text(`${i}`.padEnd(1000))))
      await recorder.until('message')
      peer.raw.resume()
      await sent
      const frames = await peer.frames(count)
      expect(frames.map(line => line.trimEnd())).toEqual(Array.from({ length: count }, (_, i) => `text ${i}`))
    })

    test('R5: terminates a peer that reads nothing at writeTimeout', async () => {
      await using recorder = await start({
        writeTimeout: 100,
        maxBufferedAmount: Number.POSITIVE_INFINITY,
      })
      await using peer = await open(recorder.port)
      peer.raw.pause()
      const [socket] = recorder.server.sockets
      for (let i = 0; i < 32; i++) socket!.send(new Uint8Array(MEBIBYTE))
      await recorder.until('close')
      expect(recorder.reports).toMatchObject([
        { code: 1006, by: 'local', cause: { message: 'the peer accepted no data for 100 ms' } },
      ])
    })
  })
})

test("Node's WebSocket exchanges messages over wss", async () => {
  await using recorder = await RecordingServer.start(
    { message: (socket, data) => socket.send(data) },
    createServer(certificate),
  )
  const directory = mkdtempSync(join(tmpdir(), 'ws-ca-'))
  try {
    const ca = join(directory, 'ca.pem')
    writeFileSync(ca, certificate.cert)
    const source = `
      const client = new WebSocket('wss://localhost:${recorder.port}/')
      client.onopen = () => client.send('over wss')
      client.onmessage = ({ data }) => { console.log(data); client.close(4000, 'bye') }
      client.onclose = ({ code, wasClean }) => console.log(code, wasClean)`
    const client = spawn(process.execPath, ['-e', source], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    expect(await readAll(client.stdout)).toBe('over wss\n4000 true\n')
    expect(recorder.reports).toMatchObject([{ code: 4000, reason: 'bye', wasClean: true, by: 'peer' }])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('npm ws exchanges messages and closes over wss, and its termination is reported', async () => {
  const https = createServer(certificate)
  const reports: CloseInfo[] = []
  const server = new WebSocketServer({
    maxMessageSize: 2 ** 24,
    message: (socket, data) => (data === 'close me' ? socket.close(4000, 'bye') : void socket.send(data)),
    close: (_, report) => void reports.push(report),
  })
  server.attach(https)
  https.listen(0, '127.0.0.1')
  await once(https, 'listening')
  const { port } = https.address() as AddressInfo
  const connect = async () => {
    const client = new WebSocket(`wss://localhost:${port}/`, {
      ca: certificate.cert,
      lookup: (_host, options, callback) =>
        options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4),
    })
    await once(client, 'open')
    return client
  }

  const client = await connect()
  for (const size of [0, 1, 126, 65_536, 2 ** 20, 2 ** 24]) {
    const bytes = Buffer.alloc(size, 'pattern')
    client.send(bytes)
    const [answer] = (await once(client, 'message')) as [Buffer]
    expect(answer.equals(bytes)).toBe(true)
  }
  client.send('close me')
  expect(await once(client, 'close')).toEqual([4000, Buffer.from('bye')])

  const second = await connect()
  second.close(4001, 'theirs')
  expect(await once(second, 'close')).toEqual([4001, Buffer.from('theirs')])

  const third = await connect()
  const closed = once(third, 'close')
  third.terminate()
  await closed
  await server.close()
  expect(reports).toMatchObject([
    { code: 4000, wasClean: true, by: 'local' },
    { code: 4001, reason: 'theirs', wasClean: true, by: 'peer' },
    { code: 1006, wasClean: false },
  ])
  https.close()
  await once(https, 'close')
})
