// `close` with open sockets, busy handlers and new requests
// (docs/hostile-inputs.md, rows L8, L10 and L11).

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test, vi } from 'vitest'
import { type CloseOptions, WebSocketServer } from '../src/index.ts'
import { close, FramePeer, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'

/** Answers the Close of the server, ends the connection, and returns all received frames. */
async function answer(peer: FramePeer, code: number): Promise<readonly string[]> {
  await peer.frames(1)
  await peer.send(close(code))
  const frames = await peer.ended()
  peer.raw.end()
  return frames
}

describe('WebSocketServer.close', () => {
  test('L10: sends 1001 to 500 sockets and counts them in its report', async () => {
    await using recorder = await RecordingServer.start()
    const peers: FramePeer[] = []
    for (let i = 0; i < 500; i += 50) {
      peers.push(...(await Promise.all(Array.from({ length: 50 }, () => FramePeer.open(recorder.port)))))
    }
    const closed = recorder.server.close()
    const read = await Promise.all(peers.map(peer => answer(peer, 1001)))
    expect(read).toEqual(Array(500).fill(['close 1001']))
    const report = await closed
    expect(report).toEqual({ closed: 500, terminated: 0, duration: expect.any(Number) })
    expect(report.duration).toBeGreaterThan(0)
    expect(recorder.server.stats()).toMatchObject({ sockets: 0, opened: 500, closed: 500 })
    for (const peer of peers) await peer[Symbol.asyncDispose]()
  })

  test('sends the given code and reason', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const closed = recorder.server.close({ code: 1012, reason: 'restart' })
    expect(await answer(peer, 1012)).toEqual(['close 1012 restart'])
    expect(await closed).toMatchObject({ closed: 1, terminated: 0 })
  })

  test('closes sockets in batches of the given size and interval, the oldest first', async () => {
    await using recorder = await RecordingServer.start()
    const peers: FramePeer[] = []
    for (let i = 0; i < 7; i++) peers.push(await FramePeer.open(recorder.port))
    const writes: { readonly id: number; readonly at: number }[] = []
    for (const [i, transport] of recorder.transports.entries()) {
      const write = transport.write.bind(transport)
      vi.spyOn(transport, 'write').mockImplementation((...rest: unknown[]) => {
        writes.push({ id: i, at: performance.now() })
        return (write as (...all: unknown[]) => boolean)(...rest)
      })
    }
    const interval = 100
    const closed = recorder.server.close({ batch: { size: 3, interval } })
    await Promise.all(peers.map(peer => answer(peer, 1001)))
    const report = await closed
    expect(writes.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6])
    const [first, , , second, , , third] = writes.map(({ at }) => at)
    // Node measures timers from the start of their turn, which can be long on a busy machine.
    expect(second! - first!).toBeGreaterThan(interval / 2)
    expect(third! - second!).toBeGreaterThan(interval / 2)
    expect(writes[2]!.at - first!).toBeLessThan(interval)
    expect(report.duration).toBeGreaterThan(interval)
    expect(report).toMatchObject({ closed: 7, terminated: 0 })
    for (const peer of peers) await peer[Symbol.asyncDispose]()
  })

  test('sends a Close to the remaining batches at the timeout, and terminates them', async () => {
    await using recorder = await RecordingServer.start()
    await using first = await FramePeer.open(recorder.port)
    await using second = await FramePeer.open(recorder.port)
    const closed = recorder.server.close({ timeout: 40, batch: { size: 1, interval: 10_000 } })
    await answer(first, 1001)
    expect(await second.ended()).toEqual(['close 1001'])
    expect(await closed).toMatchObject({ closed: 2, terminated: 1 })
  })

  test('resolves early when the remaining sockets close by themselves', async () => {
    await using recorder = await RecordingServer.start()
    await using first = await FramePeer.open(recorder.port)
    await using second = await FramePeer.open(recorder.port)
    const closed = recorder.server.close({ batch: { size: 1, interval: 60_000 }, timeout: 60_000 })
    await answer(first, 1001)
    await second.send(close(4000))
    expect(await second.ended()).toEqual(['close 4000'])
    second.raw.end()
    expect(await closed).toMatchObject({ closed: 2, terminated: 0 })
  })

  test('terminates and counts sockets left at the timeout, and reports the cause', async () => {
    await using recorder = await RecordingServer.start()
    await using silent = await FramePeer.open(recorder.port)
    await using polite = await FramePeer.open(recorder.port)
    const closed = recorder.server.close({ timeout: 50 })
    await answer(polite, 1001)
    expect(await closed).toMatchObject({ closed: 2, terminated: 1 })
    expect(await silent.ended()).toEqual(['close 1001'])
    expect(recorder.reports).toMatchObject([
      { code: 1001, wasClean: true },
      {
        code: 1006,
        wasClean: false,
        by: 'local',
        cause: { code: 'ERR_WS_SHUTDOWN_TIMEOUT', message: expect.stringContaining('50 ms') },
      },
    ])
  })

  test('resolves at once without sockets', async () => {
    const report = await new WebSocketServer().close({ timeout: 60_000 })
    expect(report).toMatchObject({ closed: 0, terminated: 0 })
    expect(report.duration).toBeLessThan(1000)
  })
})

describe('WebSocketServer.close with pending handlers', () => {
  test('waits for message handlers, whose replies are sent before the Close', async () => {
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
    expect(await closed).toMatchObject({ closed: 2, terminated: 0 })
  })

  test('waits for open handlers', async () => {
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

  test('waits for a session to process its message', async () => {
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
    expect(await closed).toMatchObject({ closed: 1, terminated: 0 })
    expect(ends).toEqual(['the loop has ended'])
  })

  test('L8: handles a socket that is terminated during the wait, and a handler that never settles', async () => {
    await using recorder = await RecordingServer.start({
      message: (socket, data) => (data === 'end' ? socket.terminate() : new Promise(() => {})),
    })
    await using ended = await FramePeer.open(recorder.port)
    await using stuck = await FramePeer.open(recorder.port, { first: text('forever') })
    await recorder.until('message')
    const closed = recorder.server.close({ timeout: 50 })
    await ended.send(text('end'))
    expect(await stuck.ended()).toEqual(['close 1001'])
    expect(await closed).toMatchObject({ closed: 2, terminated: 1 })
  })
})

describe('an upgrade request during WebSocketServer.close', () => {
  const UNAVAILABLE = /^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 5\r\n.*the server is closing/s

  test('is answered with 503 and Retry-After by an attached server', async () => {
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

  test('is answered with 503 by a listening server on an older connection', async () => {
    const server = new WebSocketServer()
    const { port } = await server.listen(0)
    await using peer = await FramePeer.open(port)
    await using early = await RawPeer.connect(port)
    // Half of a request, so that the connection is not idle.
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

  test('is answered with 503 if its upgrade handler is still pending, even without open sockets', async () => {
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
    expect(await recorder.server.close()).toMatchObject({ closed: 0, terminated: 0 })
    expect(Buffer.from(await peer.ended()).toString()).toMatch(UNAVAILABLE)
    expect(signals[0]!.aborted).toBe(true)
  })
})

describe('a call of WebSocketServer.close', () => {
  test('ws#2137: returns the promise of the first call', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const closed = recorder.server.close()
    expect(recorder.server.close({ code: 1012, timeout: 0 })).toBe(closed)
    expect(await answer(peer, 1001)).toEqual(['close 1001'])
    const report = await closed
    expect(await recorder.server.close()).toBe(report)
  })

  test('happens at the end of a block with await using', async () => {
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

  test('makes listen and attach throw', async () => {
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
  ])('throws for the options %j and leaves the server open', async (options, type) => {
    await using recorder = await RecordingServer.start()
    expect(() => recorder.server.close(options as CloseOptions)).toThrow(type)
    await using _peer = await FramePeer.open(recorder.port)
  })
})

describe('a process with a server', () => {
  const module = JSON.stringify(new URL('../src/index.ts', import.meta.url).href)

  function run(source: string) {
    const child = spawn(
      process.execPath,
      ['--unhandled-rejections=strict', '--throw-deprecation', '--input-type=module', '-e', source],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    return { child, lines: createInterface(child.stdout), exited: once(child, 'close') }
  }

  test('L10: sends 1012 on SIGTERM and exits after the timeout at the latest', async () => {
    const { child, lines, exited } = run(`
      import { WebSocketServer } from ${module}
      const server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
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
    expect(JSON.parse(line)).toMatchObject({ closed: 2, terminated: 1 })
    expect(await silent.ended()).toEqual(['close 1012'])
    expect(await exited).toEqual([0, null])
  })

  test('L10: exits on a second SIGTERM', async () => {
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

  test('L11: exits after close, without timers of batches, deadlines or pings', async () => {
    const { exited, lines } = run(`
      import { WebSocketServer } from ${module}
      const server = new WebSocketServer({ upgrade: () => new Promise(() => {}) })
      const { port } = await server.listen(0)
      const waiting = new WebSocket('ws://127.0.0.1:' + port)
      waiting.onerror = () => {}
      const other = new WebSocketServer({ open: socket => socket.subscribe('room') })
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
      { closed: 3, terminated: 0 },
      { closed: 0, terminated: 0 },
    ])
    expect(await exited).toEqual([0, null])
    expect(performance.now() - from).toBeLessThan(1000)
  })
})

describe('a session that continues after its loop', () => {
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

  test('delays WebSocketServer.close', async () => {
    const { opened, open } = gate()
    const order: string[] = []
    const { server, peer } = await start(opened, () => void order.push('session'))
    const closed = server.close().then(report => {
      order.push('closed')
      return report
    })
    expect(await answer(peer, 1001)).toEqual(['close 1001'])
    open()
    expect(await closed).toMatchObject({ closed: 1, terminated: 0 })
    expect(order).toEqual(['session', 'closed'])
  })

  test('does not delay WebSocketServer.close beyond its timeout', async () => {
    const { opened, open } = gate()
    const { server, peer } = await start(opened, () => {})
    const closed = server.close({ timeout: 50 })
    expect(await answer(peer, 1001)).toEqual(['close 1001'])
    expect(await closed).toMatchObject({ closed: 1, terminated: 0 })
    open()
  })
})
