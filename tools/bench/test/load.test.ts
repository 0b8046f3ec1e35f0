// The load generator against servers that do right, and wrong, in many ways: it must count what came, and fail when something else did.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { runLoad } from '../lib/run.ts'
import { createFrames } from '../load/client.ts'
import type { Job } from '../load/job.ts'
import { canMeasure } from './can-measure.ts'

const ACCEPTANCE =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'
const SIZE = 20
const FRAME = createFrames(SIZE, 'text', true).sent.length

let server: Server | undefined
afterEach(() => server?.close())

/** Answers a handshake with `acceptance`, and then every chunk. */
async function listen(
  answer: (socket: Socket, chunk: Buffer) => void,
  acceptance = ACCEPTANCE,
): Promise<number> {
  server = createServer({ noDelay: true }, socket => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(acceptance)
      socket.on('data', chunk => answer(socket, chunk))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function load(port: number, job: Partial<Job>): ReturnType<typeof runLoad> {
  const tiny = { warmup: 20, duration: 60, size: SIZE, connections: 3, raw: true }
  return runLoad({ port, pid: process.pid, ...tiny, ...job })
}

describe.skipIf(!canMeasure)('the load generator', () => {
  describe.each([1, 16])('with %i in flight', inFlight => {
    it('counts replies by their length, whatever pieces they come in', async () => {
      let sent = 0
      const port = await listen((socket, chunk) => {
        sent += chunk.length
        // A piece ends anywhere in a frame, and many pieces are many reads.
        for (let at = 0; at < chunk.length; at += 37) socket.write(chunk.subarray(at, at + 37))
      })
      const { count, seconds } = await load(port, { inFlight })
      expect(seconds).toBeGreaterThan(0.05)
      expect(count).toBeGreaterThan(10)
      expect(count).toBeLessThanOrEqual(sent / FRAME)
    })

    it('counts replies that come late and all at once', async () => {
      const waiting = new Map<Socket, Buffer[]>()
      const timer = setInterval(() => {
        for (const [socket, chunks] of waiting) socket.write(Buffer.concat(chunks.splice(0)))
      }, 5)
      const port = await listen((socket, chunk) => {
        waiting.set(socket, [...(waiting.get(socket) ?? []), chunk])
      })
      const { count, seconds } = await load(port, { inFlight })
      clearInterval(timer)
      // A batch on each connection for each beat, no more.
      expect(count).toBeLessThanOrEqual(3 * inFlight * (seconds / 0.005 + 2))
      expect(count).toBeGreaterThan(3 * inFlight)
    })

    it('notices replies that nobody asked for', async () => {
      const port = await listen((socket, chunk) => {
        socket.write(chunk)
        socket.write(chunk)
      })
      await expect(load(port, { inFlight })).rejects.toThrow('the server sent more than it was asked for')
    })
  })

  describe('with 16 in flight', () => {
    const inFlight = 16

    it('notices a single byte too many', async () => {
      let extra = 1
      const port = await listen((socket, chunk) => {
        socket.write(chunk)
        if (extra-- === 1) socket.write('x')
      })
      await expect(load(port, { inFlight })).rejects.toThrow(/more than it was asked for|something else/)
    })

    it('notices replies that do not come', async () => {
      let chunks = 0
      const port = await listen((socket, chunk) => {
        if (++chunks < 20) socket.write(chunk)
      })
      await expect(load(port, { inFlight, patience: 100 })).rejects.toThrow(
        'the server left messages without a reply',
      )
    })

    it('notices a reply that is another, at the first', async () => {
      const port = await listen((socket, chunk) => socket.write(chunk.fill(0, chunk.length - 1)))
      await expect(load(port, { inFlight })).rejects.toThrow('the server sent something else back')
    })

    it('notices a reply that is another, at the end', async () => {
      let received = 0
      const port = await listen((socket, chunk) => {
        received += chunk.length
        socket.write(received > 100 * FRAME * inFlight ? Buffer.alloc(chunk.length) : chunk)
      })
      await expect(load(port, { inFlight })).rejects.toThrow('the server sent something else back')
    })

    it('notices a connection that is lost', async () => {
      let chunks = 0
      const port = await listen((socket, chunk) => {
        if (++chunks === 20) socket.end()
        else socket.write(chunk)
      })
      await expect(load(port, { inFlight })).rejects.toThrow('the server closed a connection')
    })
  })

  it('takes a handshake in pieces', async () => {
    const port = await listen((socket, chunk) => socket.write(chunk), ACCEPTANCE.slice(0, 40))
    server!.on('connection', socket => setTimeout(() => socket.write(ACCEPTANCE.slice(40)), 20))
    expect((await load(port, {})).count).toBeGreaterThan(10)
  })

  it.each(['HTTP/1.1 400 Bad Request\r\n\r\n', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'])(
    'takes no handshake that is none: %j',
    async acceptance => {
      const port = await listen(() => {}, acceptance)
      await expect(load(port, {})).rejects.toThrow('no handshake: HTTP/1.1')
    },
  )

  it('needs a server', async () => {
    const port = await listen(() => {})
    server!.close()
    await expect(load(port, {})).rejects.toThrow('ECONNREFUSED')
  })
})
