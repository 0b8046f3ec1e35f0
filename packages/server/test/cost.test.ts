// What a message costs, counted and never timed: writes, promises, turns, buffers and bytes of heap. A change that makes the hot path
// dearer is seen here without a clock. What the counts are worth in time is measured by `pnpm bench`.

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
/** Rounds until the code has been compiled for good. */
const WARM = 2000

/** A transport without a network: takes everything at once, and counts the writes that reach it. */
class Wire extends Duplex {
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

/** A connection on such a wire, its handshake done. */
function connect(handlers: Handlers): Wire {
  const server = new WebSocketServer(handlers)
  const wire = new Wire()
  const rawHeaders = ['Host', 'localhost', 'Upgrade', 'websocket', 'Connection', 'Upgrade']
  rawHeaders.push('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version', '13')
  const request = { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders, socket: wire }
  server.handleUpgrade(request as unknown as IncomingMessage, wire, Buffer.alloc(0))
  wire.reset()
  return wire
}

const echo: Handlers = {
  message: (socket, data) => {
    socket.send(data)
  },
}

/** A chunk as the network brings it, in memory of its own: as many messages as that. */
function chunkOf(payload: Uint8Array, opcode: number, count: number): () => Uint8Array {
  const frame = encodeFrame({ opcode, payload, maskingKey: 0x37fa213d })
  const frames = Buffer.concat(Array.from({ length: count }, () => frame))
  return () => {
    const chunk = Buffer.allocUnsafeSlow(frames.length)
    chunk.set(frames)
    return chunk
  }
}

/** Bytes of V8's heap that running it once takes; undefined where Node does not tell (before 25). */
function allocatedBy(run: () => void): number | undefined {
  const count = (): number | undefined =>
    (getHeapStatistics() as { total_allocated_bytes?: number }).total_allocated_bytes
  const before = count()
  run()
  const after = count()
  return before === undefined || after === undefined ? undefined : after - before
}

const texts = chunkOf(utf8(TEXT), Opcode.text, BATCH)

test('the replies to a chunk leave in one write, of one buffer', () => {
  const wire = connect(echo)
  // The first guesses how much it will be.
  wire.emit('data', texts())
  wire.reset()
  const allocate = vi.spyOn(Buffer, 'allocUnsafe')
  wire.emit('data', texts())
  const allocations = allocate.mock.calls.length
  allocate.mockRestore()
  expect(wire.writes).toBe(1)
  expect(wire.written).toHaveLength(1)
  expect(allocations).toBe(1)
  expect(decodeFrames('client', wire.written[0]!).frames).toHaveLength(BATCH)
})

test('what is sent in one turn outside of a chunk leaves in one write, in that turn', async () => {
  const sent = Promise.withResolvers<number>()
  const wire = connect({
    open: socket =>
      void setImmediate(() => {
        for (let i = 0; i < BATCH; i++) socket.send(TEXT)
        process.nextTick(() => sent.resolve(wire.writes))
      }),
  })
  expect(await sent.promise).toBe(1)
})

test('a message whose handler returns nothing makes no promise, no tick and no timer', () => {
  const wire = connect(echo)
  const chunk = texts()
  const made: string[] = []
  const hook = createHook({ init: (_id, type) => void made.push(type) }).enable()
  wire.emit('data', chunk)
  hook.disable()
  expect(wire.writes).toBe(1)
  // What Node's own stream does after a write is counted with it: nothing of ours, and nothing for each message.
  expect(made.filter(type => type !== 'TickObject')).toEqual([])
  expect(made.length).toBeLessThanOrEqual(2)
})

test('a large binary message that lies whole in a chunk is copied once, and not on its way out', () => {
  const payload = new Uint8Array(60_000).fill(7)
  const told: unknown[] = []
  const wire = connect({
    message: (socket, data) => {
      told.push((data as Uint8Array).buffer)
      socket.send(data)
    },
  })
  const chunk = chunkOf(payload, Opcode.binary, 1)()
  const before = process.memoryUsage().arrayBuffers
  wire.emit('data', chunk)
  const made = process.memoryUsage().arrayBuffers - before
  expect(wire.writes).toBe(1)
  expect(concat(...wire.written).subarray(4)).toEqual(payload)
  expect(wire.written.map(({ buffer }) => buffer)).toContain(told[0])
  expect(made).toBeLessThan(1.5 * payload.length)
})

test('no memory is made for what a socket reads', async () => {
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
  // Node would make a chunk for each who listens; how it is told not to is for reading.test.ts.
  expect((await transport).listenerCount('data')).toBe(0)
  socket.addEventListener('open', () => socket.send(TEXT))
  const [{ data }] = (await once(socket, 'message')) as [{ data: unknown }]
  expect(data).toBe(TEXT)
  socket.close()
  await server.close()
  http.close()
})

test.runIf(allocatedBy(() => {}) !== undefined)(
  'a text of 20 bytes costs its string, and little more (where Node counts its heap: from 25 on)',
  () => {
    const wire = connect(echo)
    const chunks = Array.from({ length: WARM }, texts)
    for (const chunk of chunks) wire.emit('data', chunk)
    wire.reset()
    // The least of many rounds: until all is compiled for good, most pay for something else.
    const rounds = Array.from({ length: 60 }, () => {
      const again = Array.from({ length: 100 }, texts)
      return allocatedBy(() => {
        for (const chunk of again) wire.emit('data', chunk)
      })!
    })
    const perMessage = Math.min(...rounds) / (100 * BATCH)
    // 40 of them are the string; the rest is what one chunk and one write cost, divided by 64.
    expect(perMessage).toBeLessThan(80)
  },
)
