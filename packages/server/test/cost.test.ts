// The costs of a message, counted rather than timed: writes, promises, buffers and bytes of heap.
// `pnpm bench` measures the time.

import { createHook } from 'node:async_hooks'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Duplex } from 'node:stream'
import { getHeapStatistics } from 'node:v8'
import { decodeFrames, encodeFrame, Opcode } from '@ws/frame'
import { concat, utf8 } from '@ws/testing'
import { expect, test, vi } from 'vitest'
import { type Handlers, WebSocketServer } from '../src/index.ts'

const BATCH = 64
const TEXT = 'twenty bytes of text'
const WARM = 2000

/** A transport that accepts every write at once, and counts the writes. */
class CountingTransport extends Duplex {
  writes = 0
  readonly written: Uint8Array[] = []

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#take([chunk])
    done()
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: () => void): void {
    this.#take(chunks.map(({ chunk }) => chunk))
    done()
  }

  #take(chunks: Uint8Array[]): void {
    this.writes++
    this.written.push(...chunks)
  }

  reset(): void {
    this.writes = 0
    this.written.length = 0
  }
}

function connect(handlers: Handlers): CountingTransport {
  const server = new WebSocketServer(handlers)
  const transport = new CountingTransport()
  const rawHeaders = ['Host', 'localhost', 'Upgrade', 'websocket', 'Connection', 'Upgrade']
  rawHeaders.push('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version', '13')
  const request = { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders, socket: transport }
  server.handleUpgrade(request as unknown as IncomingMessage, transport, Buffer.alloc(0))
  transport.reset()
  return transport
}

const echo: Handlers = {
  message: (socket, data) => {
    socket.send(data)
  },
}

/** Returns a function that creates a chunk of `count` messages in memory of its own. */
function chunkOf(payload: Uint8Array, opcode: number, count: number): () => Uint8Array {
  const frame = encodeFrame({ opcode, payload, maskingKey: 0x37fa213d })
  const frames = Buffer.concat(Array.from({ length: count }, () => frame))
  return () => {
    const chunk = Buffer.allocUnsafeSlow(frames.length)
    chunk.set(frames)
    return chunk
  }
}

/** Heap bytes allocated so far; undefined before Node 25, which does not count them. */
function allocatedBytes(): number | undefined {
  return (getHeapStatistics() as { total_allocated_bytes?: number }).total_allocated_bytes
}

/** Heap bytes that `run` allocates; undefined before Node 25. */
function allocatedBy(run: () => void): number | undefined {
  const before = allocatedBytes()
  run()
  const after = allocatedBytes()
  return before === undefined || after === undefined ? undefined : after - before
}

const texts = chunkOf(utf8(TEXT), Opcode.text, BATCH)

test('the replies to a chunk are written once, from one buffer', () => {
  const transport = connect(echo)
  transport.emit('data', texts())
  transport.reset()
  const allocate = vi.spyOn(Buffer, 'allocUnsafe')
  transport.emit('data', texts())
  const allocations = allocate.mock.calls.length
  allocate.mockRestore()
  expect(transport.writes).toBe(1)
  expect(transport.written).toHaveLength(1)
  expect(allocations).toBe(1)
  expect(decodeFrames('client', transport.written[0]!).frames).toHaveLength(BATCH)
})

test('messages sent in one turn are written together in that turn', async () => {
  const sent = Promise.withResolvers<number>()
  const transport = connect({
    open: socket =>
      void setImmediate(() => {
        for (let i = 0; i < BATCH; i++) socket.send(TEXT)
        process.nextTick(() => sent.resolve(transport.writes))
      }),
  })
  expect(await sent.promise).toBe(1)
})

test('a message for a synchronous handler creates no promise, tick or timer', () => {
  const transport = connect(echo)
  const chunk = texts()
  const made: string[] = []
  const hook = createHook({ init: (_id, type) => void made.push(type) }).enable()
  transport.emit('data', chunk)
  hook.disable()
  expect(transport.writes).toBe(1)
  // Node's stream schedules ticks after the write, independent of the number of messages.
  expect(made.filter(type => type !== 'TickObject')).toEqual([])
  expect(made.length).toBeLessThanOrEqual(2)
})

test('a handler that awaits ready waits for nothing while the transport takes everything', () => {
  let handled = 0
  const transport = connect({
    message: (socket, data) => {
      handled++
      return socket.send(data) || socket.ready
    },
  })
  const chunk = chunkOf(new Uint8Array(100_000).fill(7), Opcode.binary, 3)()
  const made: string[] = []
  const hook = createHook({ init: (_id, type) => void made.push(type) }).enable()
  transport.emit('data', chunk)
  hook.disable()
  expect(handled).toBe(3)
  expect(decodeFrames('client', concat(...transport.written)).frames).toHaveLength(3)
  expect(made.filter(type => type !== 'TickObject')).toEqual([])
})

test('a large binary message within one chunk is copied once, and sent without a copy', () => {
  const payload = new Uint8Array(60_000).fill(7)
  const buffers: unknown[] = []
  const transport = connect({
    message: (socket, data) => {
      buffers.push((data as Uint8Array).buffer)
      socket.send(data)
    },
  })
  const chunk = chunkOf(payload, Opcode.binary, 1)()
  const before = process.memoryUsage().arrayBuffers
  transport.emit('data', chunk)
  const made = process.memoryUsage().arrayBuffers - before
  expect(transport.writes).toBe(1)
  expect(concat(...transport.written).subarray(4)).toEqual(payload)
  expect(transport.written.map(({ buffer }) => buffer)).toContain(buffers[0])
  expect(made).toBeLessThan(1.5 * payload.length)
})

test('a socket reads without a data listener, which would allocate a chunk per read', async () => {
  const http = createServer()
  const server = new WebSocketServer(echo)
  const transport = new Promise<Duplex>(resolve => {
    http.on('upgrade', (request, socket, head) => {
      server.handleUpgrade(request, socket, head)
      resolve(socket)
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
  expect((await transport).listenerCount('data')).toBe(0)
  socket.addEventListener('open', () => socket.send(TEXT))
  const [{ data }] = (await once(socket, 'message')) as [{ data: unknown }]
  expect(data).toBe(TEXT)
  socket.close()
  await server.close()
  http.close()
})

/** Milliseconds for the compiler to optimize the path: until then, a message allocates more. */
const PATIENCE = 20_000

test.runIf(allocatedBy(() => {}) !== undefined)(
  'a text of 20 bytes for an async handler allocates less than 700 bytes (from Node 25 on)',
  async () => {
    const transport = connect({
      async message(socket, data) {
        await Promise.resolve()
        socket.send(data)
      },
    })
    let least = Number.POSITIVE_INFINITY
    for (const until = performance.now() + PATIENCE; least >= 700 && performance.now() < until; ) {
      const chunks = Array.from({ length: 100 }, texts)
      const before = allocatedBytes()!
      for (const chunk of chunks) {
        transport.emit('data', chunk)
        await new Promise(setImmediate)
      }
      least = Math.min(least, (allocatedBytes()! - before) / (100 * BATCH))
      transport.reset()
    }
    expect(least).toBeLessThan(700)
  },
)

test.runIf(allocatedBy(() => {}) !== undefined)(
  'a text of 20 bytes allocates less than 80 bytes (from Node 25 on, which counts them)',
  () => {
    const transport = connect(echo)
    const chunks = Array.from({ length: WARM }, texts)
    for (const chunk of chunks) transport.emit('data', chunk)
    transport.reset()
    let least = Number.POSITIVE_INFINITY
    for (const until = performance.now() + PATIENCE; least >= 80 && performance.now() < until; ) {
      const again = Array.from({ length: 100 }, texts)
      const round = allocatedBy(() => {
        for (const chunk of again) transport.emit('data', chunk)
      })!
      least = Math.min(least, round / (100 * BATCH))
    }
    // 40 bytes are the string. The rest is one chunk and one write, divided by 64.
    expect(least).toBeLessThan(80)
  },
)
