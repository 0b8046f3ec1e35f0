// `WebSocketServer.close` (docs/hostile-inputs.md, rows L10 and L11); details are in drain.test.ts.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { headLength, RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from '../src/index.ts'
import { close, FramePeer, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'

describe('WebSocketServer.close', () => {
  test('sends 1001 to every peer and resolves when the last connection ends', async () => {
    await using recorder = await RecordingServer.start()
    const peers = await Promise.all(Array.from({ length: 20 }, () => FramePeer.open(recorder.port)))
    const closed = recorder.server.close()
    let done = false
    void closed.then(() => {
      done = true
    })
    for (const peer of peers) {
      expect(await peer.frames(1)).toEqual(['close 1001'])
      expect(done).toBe(false)
      await peer.send(close(1001))
      await peer.ended()
      peer.raw.end()
    }
    await closed
    expect(recorder.reports).toEqual(Array(20).fill({ code: 1001, reason: '', wasClean: true, by: 'local' }))
    expect(recorder.server.sockets.size).toBe(0)
    for (const peer of peers) await peer[Symbol.asyncDispose]()
  })

  test('sends the given code and reason after earlier messages', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.send('before')
    const closed = recorder.server.close({ code: 1012, reason: 'back soon' })
    expect(await peer.frames(2)).toEqual(['text before', 'close 1012 back soon'])
    await peer.send(close(1012))
    peer.raw.end()
    await closed
  })

  test('accepts sockets for the delay, in which its state is closing', async () => {
    const opened: string[] = []
    await using server = new WebSocketServer({ open: socket => void opened.push(socket.path) })
    expect(server.state).toBe('open')
    const { port } = await server.listen(0)
    const closed = server.close({ delay: 300 })
    expect(server.state).toBe('closing')
    await using peer = await FramePeer.open(port, { path: '/late' })
    expect(opened).toEqual(['/late'])
    expect(await peer.frames(1)).toEqual(['close 1001'])
    expect(server.state).toBe('closing')
    await expect(RawPeer.connect(port)).rejects.toThrow('ECONNREFUSED')
    await peer.send(close(1001))
    await peer.ended()
    peer.raw.end()
    expect(await closed).toMatchObject({ closed: 1, terminated: 0 })
    expect(server.state).toBe('closed')
  })

  test('returns the same promise when called again', async () => {
    const server = new WebSocketServer()
    const closed = server.close()
    expect(server.close({ code: 1012 })).toBe(closed)
    await closed
    expect(server.close()).toBe(closed)
  })

  test('throws for an invalid code, reason or timeout, and leaves the server open', async () => {
    await using recorder = await RecordingServer.start()
    const { server } = recorder
    expect(() => server.close({ code: 1006 })).toThrow(RangeError)
    expect(() => server.close({ reason: 'x'.repeat(124) })).toThrow(RangeError)
    for (const delay of [-1, Number.NaN, 2 ** 31]) expect(() => server.close({ delay })).toThrow(RangeError)
    for (const timeout of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
      expect(() => server.close({ timeout })).toThrow(RangeError)
    }
    expect(() => server.close({ timeout: '5' as unknown as number })).toThrow(TypeError)
    await using _peer = await FramePeer.open(recorder.port)
  })

  test('terminates silent peers at the timeout, and those with a busy handler', async () => {
    await using recorder = await RecordingServer.start({ message: () => new Promise(() => {}) })
    await using silent = await FramePeer.open(recorder.port)
    await using busy = await FramePeer.open(recorder.port, { first: text('never handled') })
    await recorder.until('message')
    await recorder.server.close({ timeout: 30 })
    expect(await silent.ended()).toEqual(['close 1001'])
    expect(await busy.ended()).toEqual(['close 1001'])
    expect(recorder.reports).toMatchObject(Array(2).fill({ code: 1006, wasClean: false, by: 'local' }))
  })

  test('waits for a pending handler and sends its reply before the Close', async () => {
    const { opened, open } = gate()
    const results: boolean[] = []
    await using recorder = await RecordingServer.start({
      async message(socket) {
        await opened
        results.push(socket.send('in time'))
      },
    })
    await using peer = await FramePeer.open(recorder.port, { first: text('a') })
    await recorder.until('message')
    const closed = recorder.server.close()
    open()
    expect(await peer.frames(2)).toEqual(['text in time', 'close 1001'])
    await peer.send(close(1001))
    peer.raw.end()
    expect(await closed).toMatchObject({ closed: 1, terminated: 0 })
    expect(results).toEqual([true])
    expect(recorder.reports).toMatchObject([{ code: 1001, wasClean: true }])
  })

  test('answers new upgrade requests with 503 and leaves an attached HTTP server open', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const closed = recorder.server.close()
    await peer.frames(1)
    await using late = await RawPeer.connect(recorder.port)
    await late.write(upgradeRequest())
    const response = await late.ended()
    expect(Buffer.from(response).toString()).toMatch(
      /^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 5\r\n/,
    )
    expect(headLength(response)).toBeGreaterThan(0)
    late.end()
    await peer.send(close(1001))
    peer.raw.end()
    await closed
    expect(recorder.http.listening).toBe(true)
  })

  test('can be called from the close handler', async () => {
    const closed = Promise.withResolvers<void>()
    await using recorder = await RecordingServer.start({
      close: () => void recorder.server.close().then(() => closed.resolve()),
    })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close(1000))
    expect(await peer.ended()).toEqual(['close 1000'])
    peer.raw.end()
    await closed.promise
  })

  test('ends connections without a complete request', async () => {
    const server = new WebSocketServer()
    const { port } = await server.listen(0)
    await using silent = await RawPeer.connect(port)
    await using slow = await RawPeer.connect(port)
    await slow.write('GET / HTT')
    await using open = await FramePeer.open(port)
    const closed = server.close()
    await open.send(close(1001))
    open.raw.end()
    await closed
    await silent.ended()
    await slow.ended()
    await expect(RawPeer.connect(port)).rejects.toThrow('ECONNREFUSED')
  })

  test('L11: lets the process exit', async () => {
    const source = `
      import { WebSocketServer } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
      const server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
      const { port } = await server.listen(0)
      console.log(port)
      process.once('SIGTERM', async () => {
        await server.close()
        console.log('closed')
      })`
    const child = spawn(
      process.execPath,
      ['--unhandled-rejections=strict', '--throw-deprecation', '--input-type=module', '-e', source],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const exited = once(child, 'close')
    const lines = createInterface(child.stdout)
    const [port] = (await once(lines, 'line')) as [string]
    await using peer = await FramePeer.open(Number(port), { first: text('hello') })
    expect(await peer.frames(1)).toEqual(['text hello'])
    const said = once(lines, 'line')
    child.kill('SIGTERM')
    expect(await peer.frames(2)).toEqual(['text hello', 'close 1001'])
    await peer.send(close(1001))
    await peer.ended()
    peer.raw.end()
    expect(await said).toEqual(['closed'])
    const from = performance.now()
    expect(await exited).toEqual([0, null])
    expect(performance.now() - from).toBeLessThan(1000)
  })
})
