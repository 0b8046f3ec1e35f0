// A server that drains: what its sockets, their handlers and those who come meanwhile get to see (HOSTILE.md L8, L10, L11).

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test, vi } from 'vitest'
import { type CloseOptions, WebSocketServer } from '../src/index.ts'
import { close, FramePeer, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'

/** Reads its Close, answers it, and leaves; gives all that it read. */
async function answer(peer: FramePeer, code: number): Promise<readonly string[]> {
  await peer.frames(1)
  await peer.send(close(code))
  const frames = await peer.ended()
  peer.raw.end()
  return frames
}

describe('all sockets are asked to close', () => {
  test('L10: 500 of them all read 1001, and the report counts them', async () => {
    await using recorder = await RecordingServer.start()
    const peers: FramePeer[] = []
    for (let i = 0; i < 500; i += 50) {
      peers.push(...(await Promise.all(Array.from({ length: 50 }, () => FramePeer.open(recorder.port)))))
    }
    const closed = recorder.server.close()
    const read = await Promise.all(peers.map(peer => answer(peer, 1001)))
    expect(read).toEqual(Array(500).fill(['close 1001']))
    const report = await closed
    expect(report).toEqual({ sockets: 500, terminated: 0, duration: expect.any(Number) })
    expect(report.duration).toBeGreaterThan(0)
    expect(recorder.server.stats()).toMatchObject({ sockets: 0, opened: 500, closed: 500 })
    for (const peer of peers) await peer[Symbol.asyncDispose]()
  })

  test('1012 for a restart, with a reason', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const closed = recorder.server.close({ code: 1012, reason: 'restart' })
    expect(await answer(peer, 1012)).toEqual(['close 1012 restart'])
    expect(await closed).toMatchObject({ sockets: 1, terminated: 0 })
  })

  test('batches: so many at a time, that long apart, the oldest first', async () => {
    await using recorder = await RecordingServer.start()
    const peers: FramePeer[] = []
    for (let i = 0; i < 7; i++) peers.push(await FramePeer.open(recorder.port))
    const asked: { readonly id: number; readonly at: number }[] = []
    for (const [i, transport] of recorder.transports.entries()) {
      const write = transport.write.bind(transport)
      vi.spyOn(transport, 'write').mockImplementation((...rest: unknown[]) => {
        asked.push({ id: i, at: performance.now() })
        return (write as (...all: unknown[]) => boolean)(...rest)
      })
    }
    const interval = 100
    const closed = recorder.server.close({ batch: { size: 3, interval } })
    await Promise.all(peers.map(peer => answer(peer, 1001)))
    const report = await closed
    expect(asked.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6])
    const [first, , , second, , , third] = asked.map(({ at }) => at)
    // Timers of Node's count from when their turn of the event loop began, which may have been long on a busy machine.
    expect(second! - first!).toBeGreaterThan(interval / 2)
    expect(third! - second!).toBeGreaterThan(interval / 2)
    expect(asked[2]!.at - first!).toBeLessThan(interval)
    expect(report.duration).toBeGreaterThan(interval)
    expect(report).toMatchObject({ sockets: 7, terminated: 0 })
    for (const peer of peers) await peer[Symbol.asyncDispose]()
  })

  test('a batch whose turn has not come by the timeout is torn down all the same, behind its Close', async () => {
    await using recorder = await RecordingServer.start()
    await using first = await FramePeer.open(recorder.port)
    await using second = await FramePeer.open(recorder.port)
    const closed = recorder.server.close({ timeout: 40, batch: { size: 1, interval: 10_000 } })
    await answer(first, 1001)
    expect(await second.ended()).toEqual(['close 1001'])
    expect(await closed).toMatchObject({ sockets: 2, terminated: 1 })
  })

  test('those who leave before their turn end it early', async () => {
    await using recorder = await RecordingServer.start()
    await using first = await FramePeer.open(recorder.port)
    await using second = await FramePeer.open(recorder.port)
    const closed = recorder.server.close({ batch: { size: 1, interval: 60_000 }, timeout: 60_000 })
    await answer(first, 1001)
    await second.send(close(4000))
    expect(await second.ended()).toEqual(['close 4000'])
    second.raw.end()
    expect(await closed).toMatchObject({ sockets: 2, terminated: 0 })
  })

  test('stragglers are torn down, counted, and their reports say why', async () => {
    await using recorder = await RecordingServer.start()
    await using silent = await FramePeer.open(recorder.port)
    await using polite = await FramePeer.open(recorder.port)
    const closed = recorder.server.close({ timeout: 50 })
    await answer(polite, 1001)
    expect(await closed).toMatchObject({ sockets: 2, terminated: 1 })
    expect(await silent.ended()).toEqual(['close 1001'])
    expect(recorder.reports).toMatchObject([
      { code: 1001, clean: true },
      { code: 1006, clean: false, by: 'local', cause: { message: expect.stringContaining('50 ms') } },
    ])
  })

  test('a server without sockets is closed at once', async () => {
    const report = await new WebSocketServer().close({ timeout: 60_000 })
    expect(report).toMatchObject({ sockets: 0, terminated: 0 })
    expect(report.duration).toBeLessThan(1000)
  })
})

describe('handlers at work', () => {
  test('are awaited: their last words leave before the Close, messages behind them come too', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({
      async message(socket, data) {
        await opened
        socket.send(`done: ${String(data)}`)
      },
    })
    await using busy = await FramePeer.open(recorder.port, { first: text('order') })
    await using idle = await FramePeer.open(recorder.port)
    await recorder.until('message')
    const closed = recorder.server.close()
    expect(await answer(idle, 1001)).toEqual(['close 1001'])
    expect(recorder.reports).toHaveLength(1)
    open()
    expect(await answer(busy, 1001)).toEqual(['text done: order', 'close 1001'])
    expect(await closed).toMatchObject({ sockets: 2, terminated: 0 })
  })

  test('an open handler too', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({
      async open(socket) {
        await opened
        socket.send('welcome')
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    const closed = recorder.server.close()
    open()
    expect(await answer(peer, 1001)).toEqual(['text welcome', 'close 1001'])
    expect(await closed).toMatchObject({ terminated: 0 })
  })

  test('and the message of a session', async () => {
    const { opened, open } = gate()
    const begun = gate()
    const ends: string[] = []
    await using server = new WebSocketServer({
      async session(socket) {
        for await (const message of socket) {
          begun.open()
          await opened
          socket.send(`done: ${String(message)}`)
        }
        ends.push('the loop has ended')
      },
    })
    const { port } = await server.listen(0)
    await using peer = await FramePeer.open(port, { first: text('order') })
    await begun.opened
    const closed = server.close()
    open()
    expect(await answer(peer, 1001)).toEqual(['text done: order', 'close 1001'])
    expect(await closed).toMatchObject({ sockets: 1, terminated: 0 })
    expect(ends).toEqual(['the loop has ended'])
  })

  test('L8: that terminate their socket meanwhile, and one that never settles', async () => {
    await using recorder = await RecordingServer.start({
      message: (socket, data) => (data === 'end' ? socket.terminate() : new Promise(() => {})),
    })
    await using ended = await FramePeer.open(recorder.port)
    await using stuck = await FramePeer.open(recorder.port, { first: text('for ever') })
    await recorder.until('message')
    const closed = recorder.server.close({ timeout: 50 })
    await ended.send(text('end'))
    expect(await stuck.ended()).toEqual(['close 1001'])
    expect(await closed).toMatchObject({ sockets: 2, terminated: 1 })
  })
})

describe('those who come meanwhile', () => {
  const UNAVAILABLE = /^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 5\r\n.*the server is closing/s

  test('read 503 with Retry-After, whoever owns the HTTP server', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const closed = recorder.server.close()
    for (let i = 0; i < 3; i++) {
      await using late = await RawPeer.connect(recorder.port)
      await late.write(upgradeRequest())
      expect(Buffer.from(await late.ended()).toString()).toMatch(UNAVAILABLE)
    }
    await answer(peer, 1001)
    await closed
    expect(recorder.server.stats()).toMatchObject({ opened: 1, refused: 3 })
  })

  test('on a connection to a server of its own that had been made before', async () => {
    const server = new WebSocketServer()
    const { port } = await server.listen(0)
    await using peer = await FramePeer.open(port)
    await using early = await RawPeer.connect(port)
    // Half of a request: no connection that is idle.
    const request = upgradeRequest()
    await early.write(request.slice(0, 20))
    await using witness = await FramePeer.open(port)
    const closed = server.close()
    await early.write(request.slice(20))
    expect(Buffer.from(await early.ended()).toString()).toMatch(UNAVAILABLE)
    await answer(peer, 1001)
    await answer(witness, 1001)
    await closed
  })

  test('and those whose upgrade handler is still thinking, though no socket is left to wait for', async () => {
    const asked = gate()
    const signals: AbortSignal[] = []
    await using recorder = await RecordingServer.start({
      upgrade(request) {
        signals.push(request.signal)
        asked.open()
        return new Promise(() => {})
      },
    })
    await using peer = await RawPeer.connect(recorder.port)
    await peer.write(upgradeRequest())
    await asked.opened
    expect(await recorder.server.close()).toMatchObject({ sockets: 0, terminated: 0 })
    expect(Buffer.from(await peer.ended()).toString()).toMatch(UNAVAILABLE)
    expect(signals[0]!.aborted).toBe(true)
  })
})

describe('close itself', () => {
  test('ws#2137: a second call, whatever it asks for, gives the same promise, and a third after the end', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const closed = recorder.server.close()
    expect(recorder.server.close({ code: 1012, timeout: 0 })).toBe(closed)
    expect(await answer(peer, 1001)).toEqual(['close 1001'])
    const report = await closed
    expect(await recorder.server.close()).toBe(report)
  })

  test('await using closes a server at the end of its block', async () => {
    let port: number
    let frames: Promise<readonly string[]>
    async function leaveAfterwards(peer: FramePeer): Promise<readonly string[]> {
      await using leaving = peer
      return await answer(leaving, 1001)
    }
    {
      await using server = new WebSocketServer()
      port = (await server.listen(0)).port
      frames = leaveAfterwards(await FramePeer.open(port))
    }
    expect(await frames).toEqual(['close 1001'])
    await expect(RawPeer.connect(port)).rejects.toThrow('ECONNREFUSED')
  })

  test('afterwards neither listen nor attach is possible', async () => {
    await using recorder = await RecordingServer.start()
    await recorder.server.close()
    await expect(recorder.server.listen(0)).rejects.toThrow('the server has been closed')
    expect(() => recorder.server.attach(recorder.http)).toThrow('the server has been closed')
  })

  test.each<[object, typeof TypeError | typeof RangeError]>([
    [{ code: 1005 }, RangeError],
    [{ reason: 'é'.repeat(62) }, RangeError],
    [{ timeout: Number.NaN }, RangeError],
    [{ batch: { size: 0, interval: 1 } }, RangeError],
    [{ batch: { size: 1, interval: -1 } }, RangeError],
    [{ batch: { size: '1', interval: 1 } }, TypeError],
    [{ batch: { size: 1, intervall: 1 } }, TypeError],
    [{ batch: 5 }, TypeError],
    [{ timeOut: 5 }, TypeError],
  ])('throws for %j, and goes on serving', async (options, type) => {
    await using recorder = await RecordingServer.start()
    expect(() => recorder.server.close(options as CloseOptions)).toThrow(type)
    await using _peer = await FramePeer.open(recorder.port)
  })
})

describe('a program', () => {
  const module = JSON.stringify(new URL('../src/index.ts', import.meta.url).href)

  function run(source: string) {
    const child = spawn(
      process.execPath,
      ['--unhandled-rejections=strict', '--throw-deprecation', '--input-type=module', '-e', source],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    return { child, lines: createInterface(child.stdout), exited: once(child, 'close') }
  }

  test('L10: SIGTERM: every peer reads 1012, even those who never answer hold it up no longer than the timeout', async () => {
    const { child, lines, exited } = run(`
      import { WebSocketServer } from ${module}
      const server = new WebSocketServer({ message: (socket, data) => void socket.send(data) })
      const { port } = await server.listen(0)
      process.once('SIGTERM', async () => {
        const report = await server.close({ code: 1012, timeout: 200 })
        console.log(JSON.stringify(report))
      })
      console.log(port)`)
    const [port] = (await once(lines, 'line')) as [string]
    await using polite = await FramePeer.open(Number(port), { first: text('hello') })
    await using silent = await FramePeer.open(Number(port))
    expect(await polite.frames(1)).toEqual(['text hello'])
    const said = once(lines, 'line')
    child.kill('SIGTERM')
    expect((await polite.frames(2))[1]).toBe('close 1012')
    await polite.send(close(1012))
    await polite.ended()
    polite.raw.end()
    const [line] = (await said) as [string]
    expect(JSON.parse(line)).toMatchObject({ sockets: 2, terminated: 1 })
    expect(await silent.ended()).toEqual(['close 1012'])
    expect(await exited).toEqual([0, null])
  })

  test('L10: a second SIGTERM ends it at once', async () => {
    const { child, lines, exited } = run(`
      import { WebSocketServer } from ${module}
      const server = new WebSocketServer()
      const { port } = await server.listen(0)
      process.once('SIGTERM', () => {
        void server.close({ timeout: 60_000 })
        console.log('closing')
      })
      console.log(port)`)
    const [port] = (await once(lines, 'line')) as [string]
    await using silent = await FramePeer.open(Number(port))
    const closing = once(lines, 'line')
    child.kill('SIGTERM')
    await closing
    expect(await silent.frames(1)).toEqual(['close 1001'])
    child.kill('SIGTERM')
    expect(await exited).toEqual([null, 'SIGTERM'])
  })

  test('L11: batches, deadlines and pings of a server that has closed keep nothing alive', async () => {
    const { exited, lines } = run(`
      import { WebSocketServer } from ${module}
      const server = new WebSocketServer({ upgrade: () => new Promise(() => {}) })
      const { port } = await server.listen(0)
      const waiting = new WebSocket('ws://127.0.0.1:' + port)
      waiting.onerror = () => {}
      const other = new WebSocketServer({ open: socket => void socket.subscribe('room') })
      const { port: second } = await other.listen(0)
      const clients = [1, 2, 3].map(() => new WebSocket('ws://127.0.0.1:' + second))
      await Promise.all(clients.map(client => new Promise(resolve => { client.onopen = resolve })))
      const reports = [
        await other.close({ timeout: 60_000, batch: { size: 1, interval: 20 } }),
        await server.close({ timeout: 60_000, batch: { size: 1, interval: 60_000 } }),
      ]
      console.log(JSON.stringify(reports))`)
    const [line] = (await once(lines, 'line')) as [string]
    const from = performance.now()
    expect(JSON.parse(line)).toMatchObject([
      { sockets: 3, terminated: 0 },
      { sockets: 0, terminated: 0 },
    ])
    expect(await exited).toEqual([0, null])
    expect(performance.now() - from).toBeLessThan(1000)
  })
})

describe('a session that has something left to do when its loop has ended', () => {
  async function start(
    tail: Promise<void>,
    done: () => void,
  ): Promise<{ server: WebSocketServer; peer: FramePeer }> {
    const server = new WebSocketServer({
      async session(socket) {
        for await (const _message of socket);
        await tail.then(done)
      },
    })
    const { port } = await server.listen(0)
    return { server, peer: await FramePeer.open(port) }
  }

  test('is waited for', async () => {
    const { opened, open } = gate()
    const order: string[] = []
    const { server, peer } = await start(opened, () => void order.push('session'))
    const closed = server.close().then(report => {
      order.push('closed')
      return report
    })
    expect(await answer(peer, 1001)).toEqual(['close 1001'])
    open()
    expect(await closed).toMatchObject({ sockets: 1, terminated: 0 })
    expect(order).toEqual(['session', 'closed'])
  })

  test('but not for longer than the timeout', async () => {
    const { opened, open } = gate()
    const { server, peer } = await start(opened, () => {})
    const closed = server.close({ timeout: 50 })
    expect(await answer(peer, 1001)).toEqual(['close 1001'])
    expect(await closed).toMatchObject({ sockets: 1, terminated: 0 })
    open()
  })
})
