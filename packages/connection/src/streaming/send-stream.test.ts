import { ReadableStream } from 'node:stream/web'
import { type CloseReport, type MessageType, Protocol, type State } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import { type PieceSink, type SendPort, sendStream } from './send-stream.ts'

type Piece = string | Uint8Array

const turn = () => new Promise<void>(resolve => setImmediate(resolve))
const BROKEN: CloseReport = { code: 1006, reason: '', clean: false, by: 'network' }

class FakePort implements SendPort, PieceSink {
  state: State = 'open'
  type: MessageType | undefined
  readonly pieces: Piece[] = []
  ended = 0
  full = false
  readonly failures: unknown[] = []
  #ready = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<CloseReport>()

  get ready() {
    return this.full ? this.#ready.promise : Promise.resolve()
  }

  get closed() {
    return this.#closed.promise
  }

  stream(type: MessageType) {
    if (this.state !== 'open') return undefined
    this.type = type
    return this
  }

  write(piece: Piece) {
    this.pieces.push(piece)
    return this.state === 'open' && !this.full
  }

  end() {
    this.ended++
    return true
  }

  drain() {
    this.full = false
    this.#ready.resolve()
    this.#ready = Promise.withResolvers()
  }

  fail(error: unknown) {
    this.failures.push(error)
    this.close(BROKEN)
  }

  close(report: CloseReport) {
    this.state = 'closed'
    this.drain()
    this.#closed.resolve(report)
  }
}

/** A source that tells whether it was left early, and can wait or throw. */
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
    throw new Error('nobody listens')
  }
}

describe('a message', () => {
  test.each([
    ['an iterable', () => ['one', 'two']],
    ['an async iterable', () => new Source('one', 'two')],
    ['a stream', () => ReadableStream.from(['one', 'two'])],
  ])('from %s', async (_, source) => {
    const port = new FakePort()
    await sendStream(port, source())
    expect(port).toMatchObject({ type: 'text', pieces: ['one', 'two'], ended: 1, failures: [] })
  })

  test('is binary if its first piece is', async () => {
    const port = new FakePort()
    await sendStream(port, [new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2])])
    expect(port).toMatchObject({
      type: 'binary',
      pieces: [new Uint8Array([1]), new Uint8Array([2])],
      ended: 1,
    })
  })

  test('without pieces needs a type', async () => {
    const port = new FakePort()
    await expect(sendStream(port, [])).rejects.toThrow(TypeError)
    expect(port).toMatchObject({ type: undefined, ended: 0, failures: [] })
    await sendStream(port, [], 'binary')
    expect(port).toMatchObject({ type: 'binary', pieces: [], ended: 1 })
  })

  test('does not begin before its first piece', async () => {
    const port = new FakePort()
    const sending = sendStream(port, new Source('wait'), 'text')
    await turn()
    expect(port.type).toBe(undefined)
    port.close(BROKEN)
    await expect(sending).rejects.toThrow('ended before')
  })

  test('waits for room after a piece', async () => {
    const port = new FakePort()
    port.full = true
    const sending = sendStream(port, ['one', 'two', 'three'])
    await turn()
    expect(port.pieces).toEqual(['one'])
    port.drain()
    await sending
    expect(port.pieces).toEqual(['one', 'two', 'three'])
  })
})

describe('a source', () => {
  test('that throws ends a message that has begun, and the connection', async () => {
    const port = new FakePort()
    const error = new Error('mine')
    const source = new Source('one', error)
    await expect(sendStream(port, source)).rejects.toBe(error)
    expect(port).toMatchObject({ pieces: ['one'], ended: 0, failures: [error] })
    expect(source.returns).toBe(0)
  })

  test('that throws at first harms nobody', async () => {
    const port = new FakePort()
    const error = new Error('mine')
    await expect(sendStream(port, new Source(error), 'text')).rejects.toBe(error)
    expect(port.failures).toEqual([])
  })

  test('of two kinds ends the connection and is told', async () => {
    const port = new FakePort()
    const source = new Source('one', new Uint8Array(1), 'two')
    await expect(sendStream(port, source)).rejects.toThrow(
      new TypeError('a text message has no binary piece'),
    )
    expect(port).toMatchObject({ pieces: ['one'], ended: 0, failures: [expect.any(TypeError)] })
    expect(source.returns).toBe(1)
  })

  test.each([
    ['another kind than asked for', ['one'], 'binary'],
    ['something else', [1], undefined],
    ['nothing to read', 1, undefined],
    ['null', null, undefined],
    ['a string', 'whole', undefined],
    ['an array of bytes', new Uint8Array(2), undefined],
    ['an unknown type', ['one'], 'texts'],
  ])('of %s is refused with a TypeError', async (_, source, type) => {
    const port = new FakePort()
    await expect(sendStream(port, source as Iterable<string>, type as MessageType)).rejects.toThrow(TypeError)
    expect(port).toMatchObject({ type: undefined, failures: [] })
  })
})

describe('the end of the connection', () => {
  test('rejects while the source is at work, and the source is told', async () => {
    const port = new FakePort()
    const source = new Source('one', 'wait')
    const sending = sendStream(port, source)
    sending.catch(() => {})
    await turn()
    port.close(BROKEN)
    await expect(sending).rejects.toMatchObject({ cause: BROKEN })
    expect(source.returns).toBe(1)
    expect(port.failures).toEqual([])
  })

  test('cancels a stream that somebody waits for', async () => {
    const port = new FakePort()
    const cancelled: unknown[] = []
    const source = new ReadableStream<string>({ cancel: reason => void cancelled.push(reason) })
    const sending = sendStream(port, source)
    sending.catch(() => {})
    await turn()
    port.close(BROKEN)
    await expect(sending).rejects.toMatchObject({ cause: BROKEN })
    expect(cancelled).toMatchObject([{ cause: BROKEN }])
  })

  test('rejects while there is no room', async () => {
    const port = new FakePort()
    port.full = true
    const source = new Source('one', 'two')
    const sending = sendStream(port, source)
    sending.catch(() => {})
    await turn()
    port.close(BROKEN)
    await expect(sending).rejects.toMatchObject({ cause: BROKEN })
    expect(port.pieces).toEqual(['one'])
    expect(source.returns).toBe(1)
  })

  test('rejects at once before it, and when the report still waits', async () => {
    const port = new FakePort()
    port.state = 'closing'
    const source = new Source('one')
    await expect(sendStream(port, source)).rejects.toThrow('ended before')
    expect(source.returns).toBe(1)
    port.close(BROKEN)
    await expect(sendStream(port, ['one'])).rejects.toMatchObject({ cause: BROKEN })
    expect(port).toMatchObject({ type: undefined, failures: [] })
  })

  test('does not wait for a source that is left', async () => {
    const port = new FakePort()
    async function* silent() {
      yield 'one'
      await new Promise(() => {})
    }
    const sending = sendStream(port, silent())
    sending.catch(() => {})
    await turn()
    port.close(BROKEN)
    await expect(sending).rejects.toMatchObject({ cause: BROKEN })
  })
})

test('over two protocols a message of 16 MiB leaves as the peer takes it', async () => {
  const HIGH_WATER_MARK = 64 * 1024
  const PIECE = 16 * 1024
  const COUNT = 1024
  const closed = Promise.withResolvers<CloseReport>()
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
  let full = false
  // What waits behind the message is not counted: it cannot leave before it.
  let behind = 0
  const port: SendPort = {
    get state() {
      return server.state
    },
    closed: closed.promise,
    stream(type) {
      const message = server.stream(type)
      if (message === undefined) return undefined
      const room = (open: boolean) => {
        full = server.bufferedLength - behind >= HIGH_WATER_MARK
        return open && !full
      }
      return {
        write: piece => room(message.write(piece)),
        end: () => room(message.end()),
        get ready() {
          return full ? ready.promise : Promise.resolve()
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
  await turn()
  expect(produced).toBeLessThanOrEqual(HIGH_WATER_MARK + PIECE)
  behind = 2 * HIGH_WATER_MARK
  server.send('x'.repeat(behind))
  let most = 0
  while (!done) {
    most = Math.max(most, produced - length)
    for (const chunk of server.takeOutput()) client.receive(chunk.slice())
    full = false
    ready.resolve()
    ready = Promise.withResolvers()
    await turn()
  }
  await sending
  for (const chunk of server.takeOutput()) client.receive(chunk.slice())
  expect([length, ends, small.length]).toEqual([PIECE * COUNT, 1, 1])
  expect(most).toBeLessThanOrEqual(HIGH_WATER_MARK + PIECE)
})
