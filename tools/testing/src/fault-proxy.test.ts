import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { concat, utf8 } from './bytes.ts'
import { type DirectionFaults, FaultProxy, type Faults } from './fault-proxy.ts'
import { randomBytes, randomFrom } from './random.ts'
import { RawPeer } from './raw-peer.ts'

const MEBIBYTE = 2 ** 20

let server: Server

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(async () => {
  server.close()
  await once(server, 'close')
})

async function pair(faults: Faults = {}, seed?: number) {
  const accepted = once(server, 'connection')
  const proxy = await FaultProxy.start((server.address() as AddressInfo).port, faults, seed)
  const peer = await RawPeer.connect(proxy.port)
  const [socket] = (await accepted) as [Socket]
  socket.on('error', () => undefined)
  return {
    proxy,
    peer,
    socket,
    async [Symbol.asyncDispose]() {
      await peer[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
      socket.destroy()
    },
  }
}

async function chunksOf(socket: Socket): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  socket.on('data', chunk => chunks.push(chunk))
  await once(socket, 'end')
  return chunks
}

/** Resolves when the socket closes, with or without an error. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise(resolve => socket.once('close', () => resolve()))
}

const both = (faults: DirectionFaults): Faults => ({ toServer: faults, toClient: faults })

describe('FaultProxy', () => {
  test.each<[string, Faults]>([
    ['without faults', {}],
    ['with latency and jitter', both({ latency: 5, jitter: 10 })],
    ['with a bandwidth', both({ bandwidth: 2 * MEBIBYTE })],
    ['in slices', both({ slice: 1000 })],
    ['with all of these', both({ latency: 1, jitter: 3, bandwidth: 2 * MEBIBYTE, slice: 5000 })],
    ['with a limit that is not reached', both({ limit: { bytes: MEBIBYTE, end: 'reset' } })],
  ])('forwards bytes and FIN unchanged in both directions %s', async (_, faults) => {
    await using ends = await pair(faults)
    const { peer, socket } = ends
    const bytes = randomBytes(randomFrom(1), 200_000)
    const forwarded = chunksOf(socket)
    void peer.write(bytes)
    peer.end()
    expect(Buffer.compare(concat(...(await forwarded)), bytes)).toBe(0)
    socket.end(bytes)
    expect(Buffer.compare(await peer.ended(), bytes)).toBe(0)
  })

  test('delays the first byte by the latency', async () => {
    await using ends = await pair({ toServer: { latency: 60 } })
    const start = performance.now()
    void ends.peer.write('late')
    await once(ends.socket, 'data')
    expect(performance.now() - start).toBeGreaterThan(58)
    const again = performance.now()
    ends.peer.end()
    await once(ends.socket, 'end')
    expect(performance.now() - again).toBeGreaterThanOrEqual(0)
  })

  test('holds the sender back with a bandwidth, and buffers a bounded amount', async () => {
    await using ends = await pair({ toServer: { bandwidth: MEBIBYTE } })
    const start = performance.now()
    let taken = false
    let most = 0
    let received = 0
    void ends.peer.write(new Uint8Array(32 * MEBIBYTE)).then(() => {
      taken = true
    })
    const [connection] = ends.proxy.connections
    ends.socket.on('data', chunk => {
      received += chunk.length
      most = Math.max(most, connection!.bufferedAmount('toServer'))
    })
    while (received < MEBIBYTE / 4) await once(ends.socket, 'data')
    const rate = received / ((performance.now() - start) / 1000)
    expect(rate).toBeLessThan(1.3 * MEBIBYTE)
    expect(most).toBeLessThanOrEqual(128 * 1024)
    expect(taken).toBe(false)
  })

  test('holds the sender back while the receiver does not read', async () => {
    await using ends = await pair()
    ends.socket.pause()
    let taken = false
    const written = ends.peer.write(new Uint8Array(64 * MEBIBYTE)).then(() => {
      taken = true
    })
    const [connection] = ends.proxy.connections
    await expect.poll(() => connection!.bufferedAmount('toServer')).toBeGreaterThan(0)
    expect(connection!.bufferedAmount('toServer')).toBeLessThanOrEqual(128 * 1024)
    expect(taken).toBe(false)
    ends.socket.resume()
    await written
  })

  test('forwards small slices', async () => {
    await using ends = await pair({ toServer: { slice: 3 } })
    const chunks = chunksOf(ends.socket)
    void ends.peer.write('abcdefghij'.repeat(10))
    ends.peer.end()
    const lengths = (await chunks).map(({ length }) => length)
    expect(lengths.reduce((a, b) => a + b)).toBe(100)
    expect(lengths.length).toBeGreaterThan(20)
  })

  test.each(['reset', 'half-close'] as const)(
    'forwards the bytes up to a limit that ends with a %s',
    async end => {
      await using ends = await pair({ toServer: { limit: { bytes: 5, end } } })
      const chunks: Uint8Array[] = []
      ends.socket.on('data', chunk => chunks.push(chunk))
      const ended = new Promise(resolve => ends.socket.on('end', resolve).on('close', resolve))
      void ends.peer.write('abcdefgh')
      await ended
      expect(concat(...chunks)).toEqual(utf8('abcde'))
      if (end === 'reset') {
        await ends.peer.closed()
        expect(ends.socket.errored).toMatchObject({ code: 'ECONNRESET' })
        return
      }
      // The other direction is still open, and bytes after the limit are dropped.
      await ends.peer.write(new Uint8Array(8 * MEBIBYTE))
      ends.socket.end('still here')
      expect(await ends.peer.ended()).toEqual(utf8('still here'))
    },
  )

  test('keeps bytes, FIN and RST while stalled, and forwards them when released', async () => {
    await using ends = await pair()
    await using other = await pair({ toServer: { stalled: true } })
    const seen: string[] = []
    for (const { socket } of [ends, other]) {
      socket.on('data', chunk => seen.push(String(chunk)))
      socket.on('end', () => seen.push('end'))
      socket.on('close', () => seen.push(`close ${(socket.errored as NodeJS.ErrnoException | null)?.code}`))
    }
    ends.proxy.stall()
    await ends.peer.write('a')
    ends.peer.end()
    await other.peer.write('b')
    await expect.poll(() => other.proxy.connections[0]!.bufferedAmount('toServer')).toBe(1)
    other.peer.reset()
    // The other direction is not stalled.
    await other.peer.closed()
    await expect.poll(() => ends.proxy.connections[0]!.bufferedAmount('toServer')).toBe(1)
    expect(seen).toEqual([])
    ends.proxy.release('toServer')
    await once(ends.socket, 'end')
    expect(seen).toEqual(['a', 'end'])
    const reset = closeOf(other.socket)
    other.proxy.release()
    await reset
    expect(seen.slice(2)).toEqual(['close ECONNRESET'])
  })

  test('resets both ends on `reset`, and when either end resets', async () => {
    await using ends = await pair()
    const closed = closeOf(ends.socket)
    ends.proxy.reset()
    await closed
    await ends.peer.closed()
    expect(ends.socket.errored).toMatchObject({ code: 'ECONNRESET' })
    await using others = await pair()
    const closedAtProxy = others.proxy.connections[0]!.closed
    others.socket.resetAndDestroy()
    await others.peer.closed()
    await closedAtProxy
    expect(others.proxy.connections).toEqual([])
  })

  test('sends FIN in one direction on `halfClose`', async () => {
    await using ends = await pair()
    ends.proxy.halfClose('toClient')
    expect(await ends.peer.ended()).toEqual(utf8(''))
    const forwarded = chunksOf(ends.socket)
    await ends.peer.write('the other way')
    ends.peer.end()
    expect(concat(...(await forwarded))).toEqual(utf8('the other way'))
  })

  test('resets the client when the target port is closed', async () => {
    await using ends = await pair()
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await using proxy = await FaultProxy.start(port)
    await using peer = await RawPeer.connect(proxy.port)
    await peer.closed()
    expect(ends.proxy.connections).toHaveLength(1)
  })

  test('calls the port function for each connection, and resets the client when it returns undefined', async () => {
    const { port } = server.address() as AddressInfo
    let target: number | undefined
    await using proxy = await FaultProxy.start(() => target)
    // The reset may arrive before the connection is established.
    await using early = await RawPeer.connect(proxy.port).catch(() => undefined)
    await early?.closed()
    expect(proxy.connections).toEqual([])
    target = port
    server.on('connection', socket => socket.on('error', () => undefined).end('here'))
    await using late = await RawPeer.connect(proxy.port)
    expect(await late.ended()).toEqual(utf8('here'))
  })

  test('calls the faults function with the index of each connection', async () => {
    const indexes: number[] = []
    const { port } = server.address() as AddressInfo
    await using proxy = await FaultProxy.start(port, index => {
      indexes.push(index)
      return { toServer: { limit: { bytes: index + 1, end: 'reset' } } }
    })
    server.on('connection', socket => socket.on('error', () => undefined).pipe(socket))
    for (const count of [1, 2]) {
      await using peer = await RawPeer.connect(proxy.port)
      await peer.write('x'.repeat(count - 1))
      if (count > 1) expect(await peer.until(bytes => bytes.length === count - 1)).toEqual(utf8('x'))
      await peer.write('x')
      await peer.closed()
    }
    expect(indexes).toEqual([0, 1])
  })
})
