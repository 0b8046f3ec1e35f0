import { ReadableStream } from 'node:stream/web'
import { type CloseInfo, type MessageType, Protocol } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import type { SendOptions } from './send-options.ts'
import { type PieceSink, type SendPort, sendStream } from './send-stream.ts'

type Piece = string | Uint8Array

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
const BROKEN: CloseInfo = { code: 1006, reason: '', wasClean: false, by: 'network' }

class FakePort implements SendPort, PieceSink {
  canSend = true
  report: CloseInfo | undefined
  type: MessageType | undefined
  readonly pieces: Piece[] = []
  ended = 0
  isFull = false
  readonly failures: unknown[] = []
  #ready = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<CloseInfo>()

  get ready() {
    return this.isFull ? this.#ready.promise : Promise.resolve()
  }

  get closed() {
    return this.#closed.promise
  }

  stream(type: MessageType) {
    if (!this.canSend) return undefined
    this.type = type
    return this
  }

  write(piece: Piece) {
    this.pieces.push(piece)
    return this.canSend && !this.isFull
  }

  end() {
    this.ended++
    return true
  }

  drain() {
    this.isFull = false
    this.#ready.resolve()
    this.#ready = Promise.withResolvers()
  }

  fail(error: unknown) {
    this.failures.push(error)
    this.close(BROKEN)
  }

  close(report: CloseInfo) {
    this.canSend = false
    this.report = report
    this.drain()
    this.#closed.resolve(report)
  }
}

/** A source that can wait or throw, and counts the calls of `return`, which fails. */
class Source implements AsyncIterable<Piece>, AsyncIterator<Piece> {
  returns = 0
  readonly #pieces: (Piece | Error | 'wait')[]

  constructor(...pieces: (Piece | Error | 'wait')[]) {
    this.#pieces = pieces
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async next(): Promise<IteratorResult<Piece>> {
    const piece = this.#pieces.shift()
    if (piece === 'wait') return new Promise(() => {})
    if (piece instanceof Error) throw piece
    return piece === undefined ? { done: true, value: undefined } : { done: false, value: piece }
  }

  async return(): Promise<IteratorResult<Piece>> {
    this.returns++
    throw new Error('the source failed to end')
  }
}

describe('sendStream', () => {
  test.each([
    ['an iterable', () => ['one', 'two']],
    ['an async iterable', () => new Source('one', 'two')],
    ['a ReadableStream', () => ReadableStream.from(['one', 'two'])],
  ])('sends the pieces of %s as one message', async (_, source) => {
    const port = new FakePort()
    await sendStream(port, source())
    expect(port).toMatchObject({ type: 'text', pieces: ['one', 'two'], ended: 1, failures: [] })
  })

  test('sends a binary message if the first piece is binary, and skips empty pieces', async () => {
    const port = new FakePort()
    await sendStream(port, [new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2])])
    expect(port).toMatchObject({
      type: 'binary',
      pieces: [new Uint8Array([1]), new Uint8Array([2])],
      ended: 1,
    })
  })

  test('requires a type for a message without pieces', async () => {
    const port = new FakePort()
    await expect(sendStream(port, [])).rejects.toThrow(TypeError)
    expect(port).toMatchObject({ type: undefined, ended: 0, failures: [] })
    await sendStream(port, [], { type: 'binary' })
    expect(port).toMatchObject({ type: 'binary', pieces: [], ended: 1 })
  })

  test('does not begin the message before its first piece', async () => {
    const port = new FakePort()
    const sending = sendStream(port, new Source('wait'), { type: 'text' })
    await nextTurn()
    expect(port.type).toBe(undefined)
    port.close(BROKEN)
    await expect(sending).rejects.toThrow('ended before')
  })

  test('waits for room before it sends the next piece', async () => {
    const port = new FakePort()
    port.isFull = true
    const sending = sendStream(port, ['one', 'two', 'three'])
    await nextTurn()
    expect(port.pieces).toEqual(['one'])
    port.drain()
    await sending
    expect(port.pieces).toEqual(['one', 'two', 'three'])
  })
})

describe('sendStream with a faulty source', () => {
  test('fails the connection when the source throws within the message', async () => {
    const port = new FakePort()
    const error = new Error('mine')
    const source = new Source('one', error)
    await expect(sendStream(port, source)).rejects.toBe(error)
    expect(port).toMatchObject({ pieces: ['one'], ended: 0, failures: [error] })
    expect(source.returns).toBe(0)
  })

  test('leaves the connection open when the source throws before the first piece', async () => {
    const port = new FakePort()
    const error = new Error('mine')
    await expect(sendStream(port, new Source(error), { type: 'text' })).rejects.toBe(error)
    expect(port.failures).toEqual([])
  })

  test('fails the connection and ends the source when its pieces have different types', async () => {
    const port = new FakePort()
    const source = new Source('one', new Uint8Array(1), 'two')
    await expect(sendStream(port, source)).rejects.toThrow(
      new TypeError('a text message has no binary piece'),
    )
    expect(port).toMatchObject({ pieces: ['one'], ended: 0, failures: [expect.any(TypeError)] })
    expect(source.returns).toBe(1)
  })

  test.each([
    ['text pieces for a binary message', ['one'], { type: 'binary' }],
    ['numbers as pieces', [1], undefined],
    ['a number', 1, undefined],
    ['null', null, undefined],
    ['a string', 'whole', undefined],
    ['an array of bytes', new Uint8Array(2), undefined],
    ['an unknown type', ['one'], { type: 'texts' }],
    ['a type in place of the options', ['one'], 'text'],
    ['an unknown option', ['one'], { compres: true }],
  ])('rejects with a TypeError for %s', async (_, source, options) => {
    const port = new FakePort()
    await expect(sendStream(port, source as Iterable<string>, options as SendOptions)).rejects.toThrow(
      TypeError,
    )
    expect(port).toMatchObject({ type: undefined, failures: [] })
  })
})

describe('sendStream on a connection that ends', () => {
  test('rejects while it waits for the source, and ends the source', async () => {
    const port = new FakePort()
    const source = new Source('one', 'wait')
    const sending = sendStream(port, source)
    sending.catch(() => {})
    await nextTurn()
    port.close(BROKEN)
    await expect(sending).rejects.toMatchObject({ cause: BROKEN })
    expect(source.returns).toBe(1)
    expect(port.failures).toEqual([])
  })

  test('cancels a ReadableStream while a read is pending', async () => {
    const port = new FakePort()
    const canceled: unknown[] = []
    const source = new ReadableStream<string>({ cancel: reason => void canceled.push(reason) })
    const sending = sendStream(port, source)
    sending.catch(() => {})
    await nextTurn()
    port.close(BROKEN)
    await expect(sending).rejects.toMatchObject({ cause: BROKEN })
    expect(canceled).toMatchObject([{ cause: BROKEN }])
  })

  test('rejects while it waits for room, and ends the source', async () => {
    const port = new FakePort()
    port.isFull = true
    const source = new Source('one', 'two')
    const sending = sendStream(port, source)
    sending.catch(() => {})
    await nextTurn()
    port.close(BROKEN)
    await expect(sending).rejects.toMatchObject({ cause: BROKEN })
    expect(port.pieces).toEqual(['one'])
    expect(source.returns).toBe(1)
  })

  test('rejects at once when the connection is closing or closed', async () => {
    const port = new FakePort()
    port.canSend = false
    const source = new Source('one')
    await expect(sendStream(port, source)).rejects.toThrow('ended before')
    expect(source.returns).toBe(1)
    port.close(BROKEN)
    await expect(sendStream(port, ['one'])).rejects.toMatchObject({ cause: BROKEN })
    expect(port).toMatchObject({ type: undefined, failures: [] })
  })

  test('does not wait for a source that never yields again', async () => {
    const port = new FakePort()
    async function* silent() {
      yield 'one'
      await new Promise(() => {})
    }
    const sending = sendStream(port, silent())
    sending.catch(() => {})
    await nextTurn()
    port.close(BROKEN)
    await expect(sending).rejects.toMatchObject({ cause: BROKEN })
  })
})

test('sendStream produces a message of 16 MiB only as fast as the peer reads it', async () => {
  const HIGH_WATER_MARK = 64 * 1024
  const PIECE = 16 * 1024
  const COUNT = 1024
  const closed = Promise.withResolvers<CloseInfo>()
  const server = new Protocol('server', { message() {}, close: closed.resolve })
  let length = 0
  let ends = 0
  const small: unknown[] = []
  const client = new Protocol('client', {
    message: data => void small.push(data),
    stream: type =>
      type === 'text'
        ? undefined
        : {
            maxSize: Number.POSITIVE_INFINITY,
            write(piece) {
              length += piece.length
            },
            end: () => void ends++,
            abort() {},
          },
    close() {},
  })
  let ready = Promise.withResolvers<void>()
  let isFull = false
  // Bytes of messages queued after this one, which cannot be sent before its end.
  let queued = 0
  const port: SendPort = {
    get canSend() {
      return server.canSend
    },
    report: undefined,
    closed: closed.promise,
    stream(type) {
      const message = server.stream(type)
      if (message === undefined) return undefined
      const hasRoom = (isOpen: boolean) => {
        isFull = server.bufferedLength - queued >= HIGH_WATER_MARK
        return isOpen && !isFull
      }
      return {
        write: piece => hasRoom(message.write(piece)),
        end: () => hasRoom(message.end()),
        get ready() {
          return isFull ? ready.promise : Promise.resolve()
        },
      }
    },
    fail: error => server.fail(error),
  }
  let produced = 0
  async function* source() {
    for (let i = 0; i < COUNT; i++) {
      produced += PIECE
      yield new Uint8Array(PIECE)
    }
  }
  let done = false
  const sending = sendStream(port, source()).then(() => {
    done = true
  })
  await nextTurn()
  expect(produced).toBeLessThanOrEqual(HIGH_WATER_MARK + PIECE)
  queued = 2 * HIGH_WATER_MARK
  server.send('x'.repeat(queued))
  let maxInFlight = 0
  while (!done) {
    maxInFlight = Math.max(maxInFlight, produced - length)
    for (const chunk of server.takeOutput()) client.receive(chunk.slice())
    isFull = false
    ready.resolve()
    ready = Promise.withResolvers()
    await nextTurn()
  }
  await sending
  for (const chunk of server.takeOutput()) client.receive(chunk.slice())
  expect([length, ends, small.length]).toEqual([PIECE * COUNT, 1, 1])
  expect(maxInFlight).toBeLessThanOrEqual(HIGH_WATER_MARK + PIECE)
})
