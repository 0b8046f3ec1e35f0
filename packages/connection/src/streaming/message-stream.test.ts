import { type CloseReport, checkLimits, type MessageType, Protocol } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import { createMessageStream, type MessageInput, type MessageStream } from './message-stream.ts'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

class FakeInput {
  held = false
  holds = 0

  pause() {
    this.held = true
    this.holds++
  }

  resume() {
    this.held = false
  }
}

function begin(type: MessageType = 'text', maxSize?: number) {
  const input = new FakeInput()
  return { input, ...createMessageStream(type, input, maxSize) }
}

async function collect(message: MessageStream) {
  const pieces = []
  for await (const piece of message) pieces.push(piece)
  return pieces
}

describe('a message in pieces', () => {
  test('holds the input from each piece until the next is asked for', async () => {
    const { input, incoming, message } = begin()
    const pieces = message[Symbol.asyncIterator]()
    incoming.write('one')
    expect(input.held).toBe(true)
    await turn()
    expect(input.held).toBe(true)
    expect(await pieces.next()).toEqual({ done: false, value: 'one' })
    await turn()
    expect(input.held).toBe(true)
    const next = pieces.next()
    await turn()
    expect(input.held).toBe(false)
    incoming.write('two')
    expect(await next).toEqual({ done: false, value: 'two' })
    await turn()
    expect(input.held).toBe(true)
  })

  test('that come at once holds it until the last of them is done with', async () => {
    const { input, incoming, message } = begin()
    incoming.write('one')
    incoming.write('two')
    const pieces = message[Symbol.asyncIterator]()
    await pieces.next()
    await pieces.next()
    await turn()
    expect(input).toMatchObject({ held: true, holds: 1 })
    void pieces.next()
    await turn()
    expect(input.held).toBe(false)
  })

  test('ends, and lets go of the input', async () => {
    const { input, incoming, message } = begin()
    incoming.write('one')
    incoming.end()
    incoming.abort(new Error('late'))
    expect(await collect(message)).toEqual(['one'])
    expect(input.held).toBe(false)
    expect(message.type).toBe('text')
  })

  test('left early drops the rest', async () => {
    const { input, incoming, message } = begin()
    incoming.write('one')
    for await (const _ of message) break
    await turn()
    expect(input.held).toBe(false)
    incoming.write('two')
    expect(input).toMatchObject({ held: false, holds: 1 })
    incoming.abort(new Error('late'))
    await turn()
  })

  test('cancelled unread lets the input go on', async () => {
    const { input, incoming, message } = begin()
    incoming.write('one')
    message.cancel()
    await turn()
    expect(input.held).toBe(false)
    expect(await collect(message)).toEqual([])
  })

  test('is read once', async () => {
    const { incoming, message } = begin()
    incoming.end()
    await collect(message)
    expect(() => message[Symbol.asyncIterator]()).toThrow(TypeError)
  })

  test('says how large it may be', () => {
    expect(begin('text', 5).incoming.maxSize).toBe(5)
    expect('maxSize' in begin().incoming).toBe(false)
  })
})

describe('the end of the connection', () => {
  test('throws behind the last piece, once', async () => {
    const { incoming, message } = begin()
    incoming.write('one')
    const cause = { code: 1006 }
    incoming.abort(cause)
    const pieces = message[Symbol.asyncIterator]()
    expect(await pieces.next()).toEqual({ done: false, value: 'one' })
    await expect(pieces.next()).rejects.toMatchObject({ message: expect.stringContaining('ended'), cause })
    expect(await pieces.next()).toEqual({ done: true, value: undefined })
  })

  test('throws where somebody waits', async () => {
    const { incoming, message } = begin()
    const text = message.text()
    incoming.write('one')
    incoming.abort()
    await expect(text).rejects.toThrow('ended before')
  })

  test('nobody looks', async () => {
    const { incoming } = begin()
    incoming.write('one')
    incoming.abort(new Error('gone'))
    await turn()
  })
})

describe('a message as a whole', () => {
  test('is a text', async () => {
    const { incoming, message } = begin()
    const text = message.text()
    for (const piece of ['one ', 'two ', 'three']) incoming.write(piece)
    incoming.end()
    expect(await text).toBe('one two three')
  })

  test('is bytes', async () => {
    const { incoming, message } = begin('binary')
    const bytes = message.bytes()
    for (const piece of [[1], [2, 3], [4]]) incoming.write(new Uint8Array(piece))
    incoming.end()
    expect(await bytes).toEqual(new Uint8Array([1, 2, 3, 4]))
  })

  test('is not the other kind', async () => {
    await expect(begin('binary').message.text()).rejects.toThrow(TypeError)
    await expect(begin('text').message.bytes()).rejects.toThrow(TypeError)
  })
})

// ── two protocols ───────────────────────────────────────────────────────────────────────────────────────────────────────

const WINDOW = 64 * 1024
const PACKET = 16 * 1024

/** A client and a server that streams all it receives; the wire stops while the server holds a window's worth of bytes. */
function connect(maxSize?: number) {
  const messages: MessageStream[] = []
  const whole: unknown[] = []
  const reports: CloseReport[] = []
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
  const seen = { carried: 0, most: 0 }
  const feed = () => {
    for (const chunk of client.takeOutput()) {
      for (let at = 0; at < chunk.length; at += PACKET) wire.push(chunk.slice(at, at + PACKET))
    }
    while (wire.length > 0 && server.unreadLength < WINDOW) {
      const packet = wire.shift()!
      seen.carried += packet.length
      server.receive(packet)
      seen.most = Math.max(seen.most, server.unreadLength)
    }
  }
  return { server, client, messages, whole, reports, feed, seen }
}

test('8 MiB pass through a window of 64 KiB, held back while nobody reads', async () => {
  const { server, client, messages, feed, seen, reports } = connect(Number.POSITIVE_INFINITY)
  client.send(new Uint8Array(8 * 1024 * 1024))
  client.close(1000)
  feed()
  const { carried } = seen
  expect(carried).toBeLessThanOrEqual(WINDOW + 2 * PACKET)
  await turn()
  feed()
  expect(seen.carried).toBe(carried)
  expect(server.isPaused).toBe(true)

  let length = 0
  let most = 0
  for await (const piece of messages[0]!) {
    length += piece.length
    most = Math.max(most, seen.carried - length)
    await turn()
    feed()
  }
  await turn()
  feed()
  expect(length).toBe(8 * 1024 * 1024)
  expect(most).toBeLessThanOrEqual(WINDOW + 2 * PACKET)
  expect(seen.most).toBeLessThanOrEqual(WINDOW + PACKET)
  expect(reports).toMatchObject([{ code: 1000, clean: true }])
})

test('a text comes in whole characters, with pings in between', async () => {
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
    await turn()
    feed()
  }
  expect(pieces.join('')).toBe('a😀b')
})

test('the rest of a message that was left is dropped, and the next one comes', async () => {
  const { client, messages, feed, reports } = connect(Number.POSITIVE_INFINITY)
  client.send(new Uint8Array(1024 * 1024))
  client.send('next')
  feed()
  for await (const _ of messages[0]!) break
  while (messages.length < 2) {
    await turn()
    feed()
  }
  expect(await messages[1]!.text()).toBe('next')
  expect(reports).toEqual([])
})

test('the limits hold for what is dropped, too', async () => {
  const { client, messages, feed, reports } = connect(2 * WINDOW)
  const message = client.stream('binary')!
  message.write(new Uint8Array(WINDOW))
  feed()
  messages[0]!.cancel()
  for (let i = 0; i < 2; i++) message.write(new Uint8Array(WINDOW))
  while (reports.length === 0) {
    feed()
    await turn()
  }
  expect(reports).toMatchObject([{ code: 1009 }])
})

test('a fault inside of a message reaches its reader', async () => {
  const { client, messages, feed } = connect(10)
  const message = client.stream('binary')!
  message.write(new Uint8Array(5))
  message.write(new Uint8Array(50))
  feed()
  await expect(messages[0]!.bytes()).rejects.toMatchObject({ cause: { code: 1009 } })
})
