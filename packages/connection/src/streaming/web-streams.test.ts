import { type CloseInfo, type Message, Protocol, WebSocketError } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import { AsyncQueue } from './async-queue.ts'
import { createStreams, type StreamPort } from './web-streams.ts'

const ignore = () => {}
const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
const CLEAN: CloseInfo = { code: 1000, reason: 'bye', wasClean: true, by: 'peer' }
const BROKEN: CloseInfo = {
  code: 1006,
  reason: '',
  wasClean: false,
  by: 'network',
  cause: new WebSocketError('reset'),
}

class FakePort implements StreamPort {
  canSend = true
  readonly queue: AsyncQueue<Message> = new AsyncQueue()
  readonly sent: unknown[] = []
  readonly closes: unknown[][] = []
  isFull = false
  #ready = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<CloseInfo>()

  get ready() {
    return this.isFull ? this.#ready.promise : Promise.resolve()
  }

  get closed() {
    return this.#closed.promise
  }

  get sendingEnded() {
    return this.#closed.promise
  }

  send(data: string | Uint8Array) {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) throw new TypeError('not a message')
    this.sent.push(data)
    return !this.isFull
  }

  drain() {
    this.isFull = false
    this.#ready.resolve()
    this.#ready = Promise.withResolvers()
  }

  close(code?: number, reason?: string) {
    if (code === 1006) throw new RangeError('must not be sent')
    this.closes.push(reason === undefined ? [code] : [code, reason])
    this.canSend = false
  }

  end(report: CloseInfo) {
    this.canSend = false
    this.#closed.resolve(report)
    this.drain()
    this.queue.end()
  }
}

function open() {
  const port = new FakePort()
  return { port, ...createStreams(port.queue, port) }
}

describe('the readable stream', () => {
  test('requests nothing before it is read, and then one message per read', async () => {
    const { port, readable } = open()
    let released = 0
    const release = () => {
      released++
    }
    port.queue.deliver('one', release)
    port.queue.deliver('two', release)
    await nextTurn()
    expect(released).toBe(0)
    const reader = readable.getReader()
    expect(await reader.read()).toEqual({ done: false, value: 'one' })
    await nextTurn()
    expect(released).toBe(0)
    expect(await reader.read()).toEqual({ done: false, value: 'two' })
    await nextTurn()
    expect(released).toBe(1)
  })

  test('closes after the last message when the connection closed cleanly', async () => {
    const { port, readable } = open()
    port.queue.deliver('one', ignore)
    port.queue.deliver('two', ignore)
    port.end(CLEAN)
    await nextTurn()
    const reader = readable.getReader()
    expect(await reader.read()).toEqual({ done: false, value: 'one' })
    expect(await reader.read()).toEqual({ done: false, value: 'two' })
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })

  test('closes when the connection closes before any read', async () => {
    const { port, readable } = open()
    const reader = readable.getReader()
    port.end(CLEAN)
    await reader.closed
  })

  test('closes when the connection closes after the last read', async () => {
    const { port, readable } = open()
    const reader = readable.getReader()
    const read = reader.read()
    port.queue.deliver('last', ignore)
    port.end(CLEAN)
    expect(await read).toEqual({ done: false, value: 'last' })
    await reader.closed
  })

  test('ends a pending read when the connection closes', async () => {
    const { port, readable } = open()
    const read = readable.getReader().read()
    await nextTurn()
    port.end(CLEAN)
    expect(await read).toEqual({ done: true, value: undefined })
  })

  test.each([['with'], ['without']])('errors after the last message %s a pending read', async pending => {
    const { port, readable } = open()
    const reader = readable.getReader()
    port.queue.deliver('one', ignore)
    if (pending === 'with') await reader.read()
    const waiting = pending === 'with' ? reader.read() : undefined
    waiting?.catch(() => {})
    port.end(BROKEN)
    await nextTurn()
    if (waiting === undefined) expect(await reader.read()).toEqual({ done: false, value: 'one' })
    const error = await (waiting ?? reader.read()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(WebSocketError)
    expect(error).toMatchObject({ closeCode: 1006, reason: '', cause: BROKEN.cause })
    await expect(reader.closed).rejects.toBe(error)
  })

  test('causes no unhandled rejection when it errors unread', async () => {
    const { port } = open()
    port.end(BROKEN)
    await nextTurn()
  })

  test.each([
    [undefined, [1000]],
    [new Error('any'), [1000]],
    [{ reason: 'no code' }, [1000]],
    [{ closeCode: 4001, reason: 'enough' }, [4001, 'enough']],
    [new WebSocketError('', { closeCode: 4002 }), [4002, '']],
    [new WebSocketError('', { reason: 'why' }), [1000, 'why']],
    [new WebSocketError('no more'), [1000]],
  ])('closes the socket when it is canceled with %s', async (reason, close) => {
    const { port, readable } = open()
    port.queue.deliver('dropped', ignore)
    await readable.cancel(reason)
    expect(port.closes).toEqual([close])
    expect(await port.queue.next()).toEqual({ done: true, value: undefined })
    port.end(CLEAN)
    await nextTurn()
  })

  test('closes with 1000 and rejects when it is canceled with a code that must not be sent', async () => {
    const { port, readable } = open()
    await expect(readable.cancel({ closeCode: 1006 })).rejects.toThrow(RangeError)
    expect(port.closes).toEqual([[1000]])
    await new Promise<void>(resolve => port.queue.deliver('dropped', resolve))
  })

  test('ends a pending read when it is canceled', async () => {
    const { port, readable } = open()
    const reader = readable.getReader()
    const read = reader.read()
    await nextTurn()
    await reader.cancel()
    expect(await read).toEqual({ done: true, value: undefined })
    port.end(BROKEN)
    await nextTurn()
  })
})

describe('the writable stream', () => {
  test('waits for room after each write', async () => {
    const { port, writable } = open()
    const writer = writable.getWriter()
    await writer.write('one')
    port.isFull = true
    let written = false
    const two = writer.write('two').then(() => {
      written = true
    })
    const three = writer.write('three')
    await nextTurn()
    expect(written).toBe(false)
    expect(writer.desiredSize).toBeLessThanOrEqual(0)
    expect(port.sent).toEqual(['one', 'two'])
    port.drain()
    await two
    await three
    expect(port.sent).toEqual(['one', 'two', 'three'])
    await writer.ready
  })

  test('closes the socket with 1000, and rejects later writes', async () => {
    const { port, writable } = open()
    const writer = writable.getWriter()
    await writer.close()
    expect(port.closes).toEqual([[1000]])
    await expect(writer.write('late')).rejects.toThrow(TypeError)
  })

  test.each([
    [undefined, [1000]],
    [{ closeCode: 4001, reason: 'enough' }, [4001, 'enough']],
  ])('closes the socket when it is aborted with %s', async (reason, close) => {
    const { port, writable } = open()
    await writable.abort(reason)
    expect(port.closes).toEqual([close])
    await expect(writable.getWriter().write('late')).rejects.toBe(reason)
  })

  test('closes the socket when it is aborted while a write waits for room', async () => {
    const { port, writable } = open()
    const writer = writable.getWriter()
    port.isFull = true
    const write = writer.write('stuck')
    await nextTurn()
    await writer.abort({ closeCode: 4001, reason: '' })
    expect(port.closes).toEqual([[4001, '']])
    await write
  })

  test.each([[CLEAN], [BROKEN]])('errors when the connection has ended with $code', async report => {
    const { port, writable } = open()
    const writer = writable.getWriter()
    port.isFull = true
    const write = writer.write('stuck')
    const caught = write.catch((reason: unknown) => reason)
    await nextTurn()
    port.end(report)
    expect(await caught).toMatchObject({ name: 'WebSocketError', closeCode: report.code })
    await expect(writer.write('late')).rejects.toMatchObject({
      closeCode: report.code,
      reason: report.reason,
    })
    await expect(writer.closed).rejects.toMatchObject({ closeCode: report.code })
  })

  test('rejects writes while the socket is closing', async () => {
    const { port, writable } = open()
    port.close(4000)
    await expect(writable.getWriter().write('late')).rejects.toThrow(WebSocketError)
    expect(port.sent).toEqual([])
  })

  test('rejects a value that is not a message', async () => {
    const { writable } = open()
    await expect(writable.getWriter().write(1 as unknown as string)).rejects.toThrow('not a message')
  })
})

function splitIntoPackets(chunks: readonly Uint8Array[], size: number): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += size) packets.push(chunk.slice(at, at + size))
  }
  return packets
}

test('the readable stream holds the peer back, so the unread bytes stay bounded', async () => {
  const SIZE = 16 * 1024
  const COUNT = 256
  const WINDOW = 64 * 1024
  const queue = new AsyncQueue<Message>()
  const closed = Promise.withResolvers<CloseInfo>()
  const server: Protocol = new Protocol('server', {
    message(data) {
      server.pause()
      queue.deliver(data, () => server.resume())
    },
    close(report) {
      queue.end()
      closed.resolve(report)
    },
  })
  const client = new Protocol('client', { message() {}, close() {} })
  const { readable } = createStreams(queue, {
    get canSend() {
      return server.canSend
    },
    sendingEnded: closed.promise,
    ready: Promise.resolve(),
    closed: closed.promise,
    send: data => server.send(data),
    close: (code, reason) => server.close(code, reason),
  })
  for (let i = 0; i < COUNT; i++) client.send(new Uint8Array(SIZE).fill(i))
  client.close(1000)
  const wire = splitIntoPackets(client.takeOutput(), SIZE)
  let maxUnread = 0
  const feed = () => {
    while (wire.length > 0 && server.unreadLength < WINDOW) {
      server.receive(wire.shift()!)
      maxUnread = Math.max(maxUnread, server.unreadLength)
    }
  }
  feed()
  await nextTurn()
  feed()
  const unsent = wire.length
  expect(unsent).toBeGreaterThan(COUNT / 2)
  await nextTurn()
  feed()
  expect(wire.length).toBe(unsent)

  let received = 0
  for await (const message of readable) {
    expect(message.length).toBe(SIZE)
    received++
    await nextTurn()
    feed()
  }
  expect(received).toBe(COUNT)
  expect(maxUnread).toBeLessThan(WINDOW + 2 * SIZE)
  expect(await closed.promise).toMatchObject({ code: 1000, wasClean: true })
})
