import { type CloseReport, Protocol, type State } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import { AsyncQueue } from './async-queue.ts'
import { createStreams, type StreamPort, WebSocketError } from './web-streams.ts'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))
const CLEAN: CloseReport = { code: 1000, reason: 'bye', clean: true, by: 'peer' }
const BROKEN: CloseReport = { code: 1006, reason: '', clean: false, by: 'network', cause: new Error('reset') }

class FakePort implements StreamPort {
  state: State = 'open'
  readonly queue: AsyncQueue<string | Uint8Array> = new AsyncQueue()
  readonly sent: unknown[] = []
  readonly closes: unknown[][] = []
  full = false
  #ready = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<CloseReport>()

  get ready() {
    return this.full ? this.#ready.promise : Promise.resolve()
  }

  get closed() {
    return this.#closed.promise
  }

  send(data: string | Uint8Array) {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) throw new TypeError('no message')
    this.sent.push(data)
    return !this.full
  }

  drain() {
    this.full = false
    this.#ready.resolve()
    this.#ready = Promise.withResolvers()
  }

  close(code?: number, reason?: string) {
    if (code === 1006) throw new RangeError('may not travel')
    this.closes.push(reason === undefined ? [code] : [code, reason])
    if (this.state === 'open') this.state = 'closing'
  }

  end(report: CloseReport) {
    this.state = 'closed'
    this.drain()
    this.queue.end()
    this.#closed.resolve(report)
  }
}

function open() {
  const port = new FakePort()
  return { port, ...createStreams(port.queue, port) }
}

describe('the readable', () => {
  test('asks for nothing before it is read, and for one message a read', async () => {
    const { port, readable } = open()
    let released = 0
    const release = () => {
      released++
    }
    void port.queue.deliver('one').then(release)
    void port.queue.deliver('two').then(release)
    await turn()
    expect(released).toBe(0)
    const reader = readable.getReader()
    expect(await reader.read()).toEqual({ done: false, value: 'one' })
    await turn()
    expect(released).toBe(0)
    expect(await reader.read()).toEqual({ done: false, value: 'two' })
    await turn()
    expect(released).toBe(1)
  })

  test('closes behind the last message of a connection that ended in order', async () => {
    const { port, readable } = open()
    void port.queue.deliver('one')
    void port.queue.deliver('two')
    port.end(CLEAN)
    await turn()
    const reader = readable.getReader()
    expect(await reader.read()).toEqual({ done: false, value: 'one' })
    expect(await reader.read()).toEqual({ done: false, value: 'two' })
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })

  test('tells the end to who does not read', async () => {
    const { port, readable } = open()
    const reader = readable.getReader()
    port.end(CLEAN)
    await reader.closed
  })

  test('tells the end to who has read and reads no more', async () => {
    const { port, readable } = open()
    const reader = readable.getReader()
    const read = reader.read()
    void port.queue.deliver('last')
    port.end(CLEAN)
    expect(await read).toEqual({ done: false, value: 'last' })
    await reader.closed
  })

  test('tells the end to who waits', async () => {
    const { port, readable } = open()
    const read = readable.getReader().read()
    await turn()
    port.end(CLEAN)
    expect(await read).toEqual({ done: true, value: undefined })
  })

  test.each([['who waits'], ['who does not']])('errors behind the last message for %s', async who => {
    const { port, readable } = open()
    const reader = readable.getReader()
    void port.queue.deliver('one')
    if (who === 'who waits') await reader.read()
    const waiting = who === 'who waits' ? reader.read() : undefined
    waiting?.catch(() => {})
    port.end(BROKEN)
    await turn()
    if (waiting === undefined) expect(await reader.read()).toEqual({ done: false, value: 'one' })
    const error = await (waiting ?? reader.read()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(WebSocketError)
    expect(error).toMatchObject({ closeCode: 1006, reason: '', cause: BROKEN.cause })
    await expect(reader.closed).rejects.toBe(error)
  })

  test('that nobody looks at ends without a word', async () => {
    const { port } = open()
    port.end(BROKEN)
    await turn()
  })

  test.each([
    [undefined, [1000]],
    [new Error('any'), [1000]],
    [{ reason: 'no code' }, [1000]],
    [{ closeCode: 4001, reason: 'enough' }, [4001, 'enough']],
    [new WebSocketError('', { closeCode: 4002 }), [4002, '']],
    [new WebSocketError('', { reason: 'why' }), [1000, 'why']],
    [new WebSocketError('no more'), [1000]],
  ])('cancelled with %s closes', async (reason, close) => {
    const { port, readable } = open()
    void port.queue.deliver('dropped')
    await readable.cancel(reason)
    expect(port.closes).toEqual([close])
    expect(await port.queue.next()).toEqual({ done: true, value: undefined })
    port.end(CLEAN)
    await turn()
  })

  test('cancelled with a code that may not travel closes with 1000 and says so', async () => {
    const { port, readable } = open()
    await expect(readable.cancel({ closeCode: 1006 })).rejects.toThrow(RangeError)
    expect(port.closes).toEqual([[1000]])
    await port.queue.deliver('dropped')
  })

  test('cancelled while a read waits', async () => {
    const { port, readable } = open()
    const reader = readable.getReader()
    const read = reader.read()
    await turn()
    await reader.cancel()
    expect(await read).toEqual({ done: true, value: undefined })
    port.end(BROKEN)
    await turn()
  })
})

describe('the writable', () => {
  test('waits for room', async () => {
    const { port, writable } = open()
    const writer = writable.getWriter()
    await writer.write('one')
    port.full = true
    let written = false
    const two = writer.write('two').then(() => {
      written = true
    })
    const three = writer.write('three')
    await turn()
    expect(written).toBe(false)
    expect(writer.desiredSize).toBeLessThanOrEqual(0)
    expect(port.sent).toEqual(['one', 'two'])
    port.drain()
    await two
    await three
    expect(port.sent).toEqual(['one', 'two', 'three'])
    await writer.ready
  })

  test('closes with 1000, and then takes nothing', async () => {
    const { port, writable } = open()
    const writer = writable.getWriter()
    await writer.close()
    expect(port.closes).toEqual([[1000]])
    await expect(writer.write('late')).rejects.toThrow(TypeError)
  })

  test.each([
    [undefined, [1000]],
    [{ closeCode: 4001, reason: 'enough' }, [4001, 'enough']],
  ])('aborted with %s closes', async (reason, close) => {
    const { port, writable } = open()
    await writable.abort(reason)
    expect(port.closes).toEqual([close])
    await expect(writable.getWriter().write('late')).rejects.toBe(reason)
  })

  test('aborted while a peer does not read closes all the same', async () => {
    const { port, writable } = open()
    const writer = writable.getWriter()
    port.full = true
    const write = writer.write('stuck')
    await turn()
    await writer.abort({ closeCode: 4001, reason: '' })
    expect(port.closes).toEqual([[4001, '']])
    await write
  })

  test.each([[CLEAN], [BROKEN]])('errors when the connection has ended: $code', async report => {
    const { port, writable } = open()
    const writer = writable.getWriter()
    port.full = true
    const write = writer.write('stuck')
    const caught = write.catch((reason: unknown) => reason)
    await turn()
    port.end(report)
    expect(await caught).toMatchObject({ name: 'WebSocketError', closeCode: report.code })
    await expect(writer.write('late')).rejects.toMatchObject({
      closeCode: report.code,
      reason: report.reason,
    })
    await expect(writer.closed).rejects.toMatchObject({ closeCode: report.code })
  })

  test('rejects what comes while the socket closes', async () => {
    const { port, writable } = open()
    port.close(4000)
    await expect(writable.getWriter().write('late')).rejects.toThrow(WebSocketError)
    expect(port.sent).toEqual([])
  })

  test('rejects what is no message', async () => {
    const { writable } = open()
    await expect(writable.getWriter().write(1 as unknown as string)).rejects.toThrow('no message')
  })
})

/** The bytes of all chunks, as packets of at most that size. */
function cut(chunks: readonly Uint8Array[], size: number): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += size) packets.push(chunk.slice(at, at + size))
  }
  return packets
}

test('over two protocols the peer is held back, and the bytes in flight stay bounded', async () => {
  const SIZE = 16 * 1024
  const COUNT = 256
  const WINDOW = 64 * 1024
  const queue = new AsyncQueue<string | Uint8Array>()
  const closed = Promise.withResolvers<CloseReport>()
  const server: Protocol = new Protocol('server', {
    message(data) {
      server.pause()
      void queue.deliver(data).then(() => server.resume())
    },
    close(report) {
      queue.end()
      closed.resolve(report)
    },
  })
  const client = new Protocol('client', { message() {}, close() {} })
  const { readable } = createStreams(queue, {
    get state() {
      return server.state
    },
    ready: Promise.resolve(),
    closed: closed.promise,
    send: data => server.send(data),
    close: (code, reason) => server.close(code, reason),
  })
  for (let i = 0; i < COUNT; i++) client.send(new Uint8Array(SIZE).fill(i))
  client.close(1000)
  // The wire: the transport stops reading when a window's worth of bytes waits.
  const wire = cut(client.takeOutput(), SIZE)
  let most = 0
  const feed = () => {
    while (wire.length > 0 && server.unreadLength < WINDOW) {
      server.receive(wire.shift()!)
      most = Math.max(most, server.unreadLength)
    }
  }
  feed()
  await turn()
  feed()
  const waiting = wire.length
  expect(waiting).toBeGreaterThan(COUNT / 2)
  await turn()
  feed()
  expect(wire.length).toBe(waiting)

  let received = 0
  for await (const message of readable) {
    expect(message.length).toBe(SIZE)
    received++
    await turn()
    feed()
  }
  expect(received).toBe(COUNT)
  expect(most).toBeLessThan(WINDOW + 2 * SIZE)
  expect(await closed.promise).toMatchObject({ code: 1000, clean: true })
})
