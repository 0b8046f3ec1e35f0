import { type CloseInfo, checkLimits, type MessageType, Protocol } from '@ws/protocol'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type BinaryStream,
  createMessageStream,
  type MessageInput,
  type MessageStream,
  type TextStream,
} from './message-stream.ts'

const LOST: CloseInfo = { code: 1006, reason: '', wasClean: false, by: 'network' }

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))

class FakeInput {
  isPaused = false
  pauses = 0

  pause() {
    this.isPaused = true
    this.pauses++
  }

  resume() {
    this.isPaused = false
  }
}

function begin(type: MessageType = 'text', maxSize?: number) {
  const input = new FakeInput()
  return { input, ...createMessageStream(type, input, maxSize) }
}

/** The whole content, by the method of its type. */
function readWhole(message: MessageStream): Promise<string | Uint8Array> {
  return message.type === 'text' ? message.text() : message.bytes()
}

async function collect(message: MessageStream) {
  const pieces = []
  for await (const piece of message) pieces.push(piece)
  return pieces
}

describe('a MessageStream', () => {
  test('pauses the input from each piece until the next is requested', async () => {
    const { input, incoming, message } = begin()
    const pieces = message[Symbol.asyncIterator]()
    incoming.write('one')
    expect(input.isPaused).toBe(true)
    await nextTurn()
    expect(input.isPaused).toBe(true)
    expect(await pieces.next()).toEqual({ done: false, value: 'one' })
    await nextTurn()
    expect(input.isPaused).toBe(true)
    const next = pieces.next()
    await nextTurn()
    expect(input.isPaused).toBe(false)
    incoming.write('two')
    expect(await next).toEqual({ done: false, value: 'two' })
    await nextTurn()
    expect(input.isPaused).toBe(true)
  })

  test('keeps the input paused until the last of several pieces has been handled', async () => {
    const { input, incoming, message } = begin()
    incoming.write('one')
    incoming.write('two')
    const pieces = message[Symbol.asyncIterator]()
    await pieces.next()
    await pieces.next()
    await nextTurn()
    expect(input).toMatchObject({ isPaused: true, pauses: 1 })
    void pieces.next()
    await nextTurn()
    expect(input.isPaused).toBe(false)
  })

  test('resumes the input when it ends', async () => {
    const { input, incoming, message } = begin()
    incoming.write('one')
    incoming.end()
    incoming.abort(LOST)
    expect(await collect(message)).toEqual(['one'])
    expect(input.isPaused).toBe(false)
    expect(message.type).toBe('text')
  })

  test('drops the rest of the message when its loop is left early', async () => {
    const { input, incoming, message } = begin()
    incoming.write('one')
    for await (const _ of message) break
    await nextTurn()
    expect(input.isPaused).toBe(false)
    incoming.write('two')
    expect(input).toMatchObject({ isPaused: false, pauses: 1 })
    incoming.abort(LOST)
    await nextTurn()
  })

  test('resumes the input when it is canceled unread', async () => {
    const { input, incoming, message } = begin()
    incoming.write('one')
    message.cancel()
    await nextTurn()
    expect(input.isPaused).toBe(false)
    expect(await collect(message)).toEqual([])
  })

  test('throws a TypeError when it is read a second time', async () => {
    const { incoming, message } = begin()
    incoming.end()
    await collect(message)
    expect(() => message[Symbol.asyncIterator]()).toThrow(TypeError)
  })

  test('has a maximum size only if one is given', () => {
    expect(begin('text', 5).incoming.maxSize).toBe(5)
    expect('maxSize' in begin().incoming).toBe(false)
  })
})

describe('the end of the connection within a message', () => {
  test('makes the reader throw once, after the last piece', async () => {
    const { incoming, message } = begin()
    incoming.write('one')
    incoming.abort(LOST)
    const pieces = message[Symbol.asyncIterator]()
    expect(await pieces.next()).toEqual({ done: false, value: 'one' })
    await expect(pieces.next()).rejects.toMatchObject({
      code: 'ERR_WS_INCOMPLETE_MESSAGE',
      closeCode: 1006,
      cause: LOST,
    })
    expect(await pieces.next()).toEqual({ done: true, value: undefined })
  })

  test('rejects a pending read', async () => {
    const { incoming, message } = begin()
    const text = readWhole(message)
    incoming.write('one')
    incoming.abort()
    await expect(text).rejects.toThrow('ended before')
  })

  test('causes no unhandled rejection when the message is not read', async () => {
    const { incoming } = begin()
    incoming.write('one')
    incoming.abort(LOST)
    await nextTurn()
  })
})

describe('a whole message', () => {
  test('is read with `text`', async () => {
    const { incoming, message } = begin()
    const text = readWhole(message)
    for (const piece of ['one ', 'two ', 'three']) incoming.write(piece)
    incoming.end()
    expect(await text).toBe('one two three')
  })

  test('is read with `bytes`', async () => {
    const { incoming, message } = begin('binary')
    const bytes = readWhole(message)
    for (const piece of [[1], [2, 3], [4]]) incoming.write(new Uint8Array(piece))
    incoming.end()
    expect(await bytes).toEqual(new Uint8Array([1, 2, 3, 4]))
  })

  test('has only the method and the pieces of its type', () => {
    const { message } = begin()
    if (message.type === 'text') expectTypeOf(message).toExtend<AsyncIterable<string>>()
    else expectTypeOf(message).toExtend<AsyncIterable<Uint8Array<ArrayBuffer>>>()
    expectTypeOf<TextStream>().not.toHaveProperty('bytes')
    expectTypeOf<BinaryStream>().not.toHaveProperty('text')
  })
})

// ── between a client and a server without sockets ──────────────────────────────────────────────

const WINDOW = 64 * 1024
const PACKET = 16 * 1024

/** A client and a server that streams. `feed` stops once a window of bytes is unread. */
function connect(maxSize?: number) {
  const messages: MessageStream[] = []
  const whole: unknown[] = []
  const reports: CloseInfo[] = []
  let current: MessageInput | undefined
  const server: Protocol = new Protocol(
    'server',
    {
      message: data => void whole.push(data),
      stream(type) {
        const { incoming, message } = createMessageStream(type, server, maxSize)
        messages.push(message)
        current = incoming
        return { ...incoming, abort() {} }
      },
      close(report) {
        reports.push(report)
        current?.abort(report)
      },
    },
    { limits: checkLimits({ maxMessageSize: 1024 }) },
  )
  const client = new Protocol('client', { message() {}, close() {} })
  const wire: Uint8Array[] = []
  const stats = { delivered: 0, maxUnread: 0 }
  const feed = () => {
    for (const chunk of client.takeOutput()) {
      for (let at = 0; at < chunk.length; at += PACKET) wire.push(chunk.slice(at, at + PACKET))
    }
    while (wire.length > 0 && server.unreadLength < WINDOW) {
      const packet = wire.shift()!
      stats.delivered += packet.length
      server.receive(packet)
      stats.maxUnread = Math.max(stats.maxUnread, server.unreadLength)
    }
  }
  return { server, client, messages, whole, reports, feed, stats }
}

test('a message of 8 MiB passes through a window of 64 KiB, and stops while it is not read', async () => {
  const { server, client, messages, feed, stats, reports } = connect(Number.POSITIVE_INFINITY)
  client.send(new Uint8Array(8 * 1024 * 1024))
  client.close(1000)
  feed()
  const { delivered } = stats
  expect(delivered).toBeLessThanOrEqual(WINDOW + 2 * PACKET)
  await nextTurn()
  feed()
  expect(stats.delivered).toBe(delivered)
  expect(server.isPaused).toBe(true)

  let length = 0
  let maxInFlight = 0
  for await (const piece of messages[0]!) {
    length += piece.length
    maxInFlight = Math.max(maxInFlight, stats.delivered - length)
    await nextTurn()
    feed()
  }
  await nextTurn()
  feed()
  expect(length).toBe(8 * 1024 * 1024)
  expect(maxInFlight).toBeLessThanOrEqual(WINDOW + 2 * PACKET)
  expect(stats.maxUnread).toBeLessThanOrEqual(WINDOW + PACKET)
  expect(reports).toMatchObject([{ code: 1000, wasClean: true }])
})

test('a text message is read in whole characters, even with pings between its fragments', async () => {
  const { client, messages, feed } = connect(1000)
  const message = client.stream('text')!
  message.write('a\ud83d')
  client.ping()
  message.write('\ude00')
  message.end('b')
  feed()
  const pieces: unknown[] = []
  for await (const piece of messages[0]!) {
    pieces.push(piece)
    await nextTurn()
    feed()
  }
  expect(pieces.join('')).toBe('a😀b')
})

test('the rest of a message whose loop was left is dropped, and the next message follows', async () => {
  const { client, messages, feed, reports } = connect(Number.POSITIVE_INFINITY)
  client.send(new Uint8Array(1024 * 1024))
  client.send('next')
  feed()
  for await (const _ of messages[0]!) break
  while (messages.length < 2) {
    await nextTurn()
    feed()
  }
  expect(await readWhole(messages[1]!)).toBe('next')
  expect(reports).toEqual([])
})

test('the size limit also applies to the dropped rest of a message', async () => {
  const { client, messages, feed, reports } = connect(2 * WINDOW)
  const message = client.stream('binary')!
  message.write(new Uint8Array(WINDOW))
  feed()
  messages[0]!.cancel()
  for (let i = 0; i < 2; i++) message.write(new Uint8Array(WINDOW))
  while (reports.length === 0) {
    feed()
    await nextTurn()
  }
  expect(reports).toMatchObject([{ code: 1009 }])
})

test('a protocol error within a message rejects its reader', async () => {
  const { client, messages, feed } = connect(10)
  const message = client.stream('binary')!
  message.write(new Uint8Array(5))
  message.write(new Uint8Array(50))
  feed()
  await expect(readWhole(messages[0]!)).rejects.toMatchObject({ cause: { code: 1009 } })
})
