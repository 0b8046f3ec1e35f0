// Clients that connect and never become a WebSocket: silent, slow, gone, or speaking another protocol
// (T1–T3, T15, T16 and R1 of docs/hostile-inputs.md).

import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type Socket as NetSocket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { WebSocketServer } from '@ws/server'
import { FramePeer, text } from '@ws/server/test/frame-peer'
import { RecordingServer } from '@ws/server/test/recording-server'
import { createCertificate, hex, RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'

const certificate = createCertificate()
const HEAD_TIMEOUT = 150
const timeouts = { headersTimeout: HEAD_TIMEOUT, connectionsCheckingInterval: 25 }

const kinds = {
  TCP: {
    create: () => createHttpServer(timeouts),
    connect: (port: number) => RawPeer.connect(port),
  },
  TLS: {
    create: () => createHttpsServer({ ...certificate, ...timeouts, handshakeTimeout: HEAD_TIMEOUT }),
    connect: (port: number) => RawPeer.connectTls(port, certificate.cert),
  },
}

/** The sockets of a server of Node, as they come and go. */
function watchTransports({ http }: RecordingServer): Set<NetSocket> {
  const open = new Set<NetSocket>()
  http.on('connection', (socket: NetSocket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return open
}

const echo = {
  message: (socket: { send(data: string | Uint8Array): boolean }, data: string | Uint8Array) =>
    void socket.send(data),
}

/** Milliseconds that an echo takes. */
async function echoTime(peer: FramePeer, count: number): Promise<number> {
  const start = performance.now()
  await peer.send(text(`${count}`))
  expect((await peer.frames(count)).at(-1)).toBe(`text ${count}`)
  return performance.now() - start
}

describe.each(['TCP', 'TLS'] as const)('over %s', kind => {
  const { create, connect: open } = kinds[kind]

  test('T1: who says nothing is answered 408 or FIN at the deadline', async () => {
    await using recorder = await RecordingServer.start({}, create())
    const transports = watchTransports(recorder)
    await using peer = await open(recorder.port)
    const start = performance.now()
    expect(Buffer.from(await peer.ended()).toString()).toMatch(/^(HTTP\/1\.1 408 |$)/)
    expect(performance.now() - start).toBeGreaterThan(HEAD_TIMEOUT / 2)
    peer.end()
    await expect.poll(() => transports.size).toBe(0)
    expect(recorder.names).toEqual([])
  })

  test('T2: who sends a header byte by byte is answered 408 at the same deadline, however busy it is', async () => {
    await using recorder = await RecordingServer.start({}, create())
    await using peer = await open(recorder.port)
    const start = performance.now()
    let over = false
    // The server may answer further bytes with RST.
    const ended = peer
      .ended()
      .catch(() => peer.received)
      .finally(() => {
        over = true
      })
    await peer.write('GET / HT')
    for (const letter of `TP/1.1\r\n${'x'.repeat(10_000)}`) {
      if (over) break
      await peer.write(letter)
      await wait(8)
    }
    expect(Buffer.from(await ended).toString()).toMatch(/^HTTP\/1\.1 408 /)
    expect(performance.now() - start).toBeLessThan(20 * HEAD_TIMEOUT)
    expect(recorder.names).toEqual([])
  })

  test('T3: a reset inside of a head leaves no handle, and is told to nobody', async () => {
    await using recorder = await RecordingServer.start({}, create())
    const transports = watchTransports(recorder)
    const request = upgradeRequest()
    for (const length of [1, 20, request.length - 1]) {
      await using peer = await open(recorder.port)
      await expect.poll(() => transports.size).toBe(1)
      await peer.write(request.slice(0, length))
      peer.reset()
      await expect.poll(() => transports.size).toBe(0)
    }
    expect(recorder.names).toEqual([])
    expect(recorder.server.stats()).toMatchObject({ opened: 0, errors: 0 })
  })

  test('R1: 300 who say nothing are all gone by the deadline, and others are served meanwhile', async () => {
    await using recorder = await RecordingServer.start(echo, create())
    const transports = watchTransports(recorder)
    let accepted = 0
    recorder.http.on('connection', () => accepted++)
    await using other = await FramePeer.over(await open(recorder.port))
    const flood = await Promise.all(Array.from({ length: 300 }, () => RawPeer.connect(recorder.port)))
    // On a busy machine the first are gone before the last is accepted.
    await expect.poll(() => accepted, { timeout: 10_000 }).toBe(301)
    const gone = Promise.all(flood.map(peer => peer.ended().then(() => peer.end())))
    for (let count = 1; count <= 20; count++) expect(await echoTime(other, count)).toBeLessThan(1000)
    await gone
    await expect.poll(() => transports.size).toBe(1)
    await using late = await FramePeer.over(await open(recorder.port))
    expect(await echoTime(late, 1)).toBeLessThan(1000)
    expect(recorder.reports).toEqual([])
    for (const peer of flood) await peer[Symbol.asyncDispose]()
  })
})

test('T1, T2, R1: with the deadlines of listen, and its own reader of requests', async () => {
  const server = new WebSocketServer(echo)
  const { port } = await server.listen(0)
  const start = performance.now()
  const silent = await Promise.all(Array.from({ length: 100 }, () => RawPeer.connect(port)))
  const slow = await Promise.all(Array.from({ length: 100 }, () => RawPeer.connect(port)))
  const trickle = setInterval(() => {
    for (const peer of slow) void peer.write('x')
  }, 80)
  for (const peer of slow) void peer.write('GET / HTTP/1.1\r\nHost: a\r\nX: ')
  await using other = await FramePeer.open(port)
  const answers = Promise.all([
    ...silent.map(peer => peer.ended(15_000)),
    // A write that arrives behind the answer is answered by a reset, which may precede our read of
    // the end.
    ...slow.map(peer => peer.ended(15_000).catch(() => peer.received)),
  ])
  let over = false
  const finish = (): void => {
    over = true
  }
  answers.then(finish, finish)
  for (let count = 1; !over; count++) {
    expect(await echoTime(other, count)).toBeLessThan(1000)
    await wait(100)
  }
  clearInterval(trickle)
  for (const bytes of await answers) expect(Buffer.from(bytes).toString()).toMatch(/^(HTTP\/1\.1 408 |$)/)
  // 10 s, behind the second in which they are ours, and with one in which nobody looks.
  expect(performance.now() - start).toBeGreaterThan(9000)
  expect(performance.now() - start).toBeLessThan(13_500)
  for (const peer of [...silent, ...slow]) await peer[Symbol.asyncDispose]()
  const closed = server.close({ timeout: 0 })
  await other.ended()
  await closed
})

describe('another language', () => {
  // A ClientHello of TLS 1.2 that offers one cipher suite.
  const hello = hex(`16 03 01 002d 01 000029 0303 ${'5a'.repeat(32)} 00 0002 c02f 01 00`)
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1')

  test.each<[string, Uint8Array]>([
    ['a TLS ClientHello', hello],
    ['the preface of HTTP/2', preface],
  ])('T15: %s on the plain port is answered 400, attached or listening', async (_, bytes) => {
    await using recorder = await RecordingServer.start()
    await using listening = new WebSocketServer()
    for (const port of [recorder.port, (await listening.listen(0)).port]) {
      await using peer = await RawPeer.connect(port)
      await peer.write(bytes)
      const response = Buffer.from(await peer.ended()).toString()
      expect(response).toMatch(/^HTTP\/1\.1 400 /)
      expect(response).toContain('\r\nConnection: close\r\n')
      peer.end()
      await using next = await FramePeer.open(port)
      expect(next.head).toContain('101')
      next.raw.reset()
    }
    expect(recorder.errors).toEqual([])
  })

  test.each([
    ['a plain upgrade request', upgradeRequest()],
    ['the preface of HTTP/2', preface],
    ['noise', '\0\0\0\0\0\0'],
  ])('T15: %s on the TLS port is an error of that client alone', async (_, bytes) => {
    await using recorder = await RecordingServer.start(echo, kinds.TLS.create())
    const refused = once(recorder.http, 'tlsClientError')
    await using peer = await RawPeer.connect(recorder.port)
    await peer.write(bytes)
    // By FIN, or by a reset, where it has not been read to its end.
    await peer.ended().catch(() => peer.closed())
    expect(await refused).toEqual([expect.any(Error), expect.anything()])
    await using next = await FramePeer.over(await kinds.TLS.connect(recorder.port), { first: text('hello') })
    expect(await next.frames(1)).toEqual(['text hello'])
    expect(recorder.errors).toEqual([])
  })

  test('T16: a TLS handshake that goes no further is ended at its deadline', async () => {
    await using recorder = await RecordingServer.start({}, kinds.TLS.create())
    const transports = watchTransports(recorder)
    const refused = once(recorder.http, 'tlsClientError')
    await using silent = await RawPeer.connect(recorder.port)
    await using half = await RawPeer.connect(recorder.port)
    await half.write(hello.subarray(0, 20))
    await expect.poll(() => transports.size).toBe(2)
    await Promise.all([silent.ended(), half.ended()])
    expect(String((await refused)[0])).toContain('TLS')
    await expect.poll(() => transports.size).toBe(0)
    expect(recorder.names).toEqual([])
  })

  test('T3: a TLS client that resets inside of its handshake is told to nobody', async () => {
    await using recorder = await RecordingServer.start({}, kinds.TLS.create())
    const transports = watchTransports(recorder)
    const tcp = connect({ port: recorder.port, host: '127.0.0.1' })
    const client = connectTls({ socket: tcp, servername: 'localhost', ca: certificate.cert })
    client.on('error', () => {})
    await once(tcp, 'connect')
    await expect.poll(() => transports.size).toBe(1)
    tcp.resetAndDestroy()
    await expect.poll(() => transports.size).toBe(0)
    expect(recorder.names).toEqual([])
  })
})
