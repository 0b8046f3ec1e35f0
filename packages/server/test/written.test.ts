// The callback `written` of `send` and `sendStream`, over real sockets.

import { Opcode } from '@ws/frame'
import type { NegotiableExtension } from '@ws/protocol'
import { describe, expect, test, vi } from 'vitest'
import { prepare, type SendOptions, type ServerOptions, type Socket } from '../src/index.ts'
import { close, FramePeer, frame } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'

const MEBIBYTE = 2 ** 20
/** A message that the kernel does not take at once, so that those behind it wait. */
const BLOCKING = new Uint8Array(32 * MEBIBYTE)
const COMPRESSED = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }

/** Sends each message unchanged, at once or after some turns of the event loop. */
function extension(mode: 'at once' | 'later'): NegotiableExtension {
  return {
    name: 'permessage-deflate',
    offers: [],
    accept: () => ({
      params: [],
      create: () => ({
        name: 'permessage-deflate',
        reservedBits: 0b100,
        receiving() {
          throw new Error('unexpected')
        },
        sending: () => ({
          bits: 0,
          transform: {
            write(piece, _last, output) {
              if (mode === 'later') return turns(5).then(() => output.push(piece))
              output.push(piece)
              return undefined
            },
          },
        }),
        close() {},
      }),
    }),
    confirm: () => 'unexpected',
  }
}

/** Records the calls of `written`, in order. */
class Calls {
  readonly all: [name: string, error: unknown][] = []
  readonly #waiting = new Set<() => void>()

  written(name: string): Required<Pick<SendOptions, 'written'>> {
    return {
      written: (...errors: unknown[]) => {
        this.all.push([name, errors.length === 0 ? 'none' : errors[0]])
        for (const check of this.#waiting) check()
      },
    }
  }

  async count(count: number): Promise<void> {
    if (this.all.length >= count) return
    await new Promise<void>(resolve => {
      const check = () => {
        if (this.all.length < count) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
    })
  }
}

async function start(
  options: ServerOptions = {},
  lines: Record<string, string> = {},
): Promise<{ recorder: RecordingServer; peer: FramePeer; socket: Socket } & AsyncDisposable> {
  const recorder = await RecordingServer.start({ maxBufferedAmount: Number.POSITIVE_INFINITY, ...options })
  const peer = await FramePeer.open(recorder.port, { lines })
  const [socket] = recorder.server.sockets
  return {
    recorder,
    peer,
    socket: socket!,
    async [Symbol.asyncDispose]() {
      await peer[Symbol.asyncDispose]()
      await recorder[Symbol.asyncDispose]()
    },
  }
}

const turns = async (count = 10) => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate)
}

const NOT_WRITTEN = expect.objectContaining({ name: 'WebSocketError', code: 'ERR_WS_CLOSED' })

describe('written is called once and without an error', () => {
  test('for each message that the kernel takes, in order and not inside of send', async () => {
    await using end = await start()
    const calls = new Calls()
    end.socket.send('one', calls.written('one'))
    end.socket.send('not counted')
    end.socket.send(new Uint8Array(100_000), calls.written('two'))
    end.socket.send('three', calls.written('three'))
    expect(calls.all).toEqual([])
    await calls.count(3)
    expect(calls.all).toEqual([
      ['one', 'none'],
      ['two', 'none'],
      ['three', 'none'],
    ])
    expect(await end.peer.frames(4)).toHaveLength(4)
    await turns()
    expect(calls.all).toHaveLength(3)
  })

  test('only when a peer that does not read makes room for them', async () => {
    await using end = await start()
    end.peer.raw.pause()
    const calls = new Calls()
    end.socket.send(BLOCKING)
    for (let i = 0; i < 32; i++) end.socket.send(String(i), calls.written(String(i)))
    await turns(50)
    expect(calls.all).toEqual([])
    end.peer.raw.resume()
    await calls.count(32)
    expect(calls.all).toEqual(Array.from({ length: 32 }, (_, i) => [String(i), 'none']))
  })

  test('for prepared messages', async () => {
    await using end = await start()
    const calls = new Calls()
    const message = prepare('for all')
    end.socket.send(message, calls.written('a'))
    end.socket.send(message, calls.written('b'))
    await calls.count(2)
    expect(calls.all).toEqual([
      ['a', 'none'],
      ['b', 'none'],
    ])
    expect(await end.peer.frames(2)).toEqual(['text for all', 'text for all'])
  })

  test.each(['at once', 'later'] as const)('for messages that an extension transforms %s', async mode => {
    await using end = await start({ extensions: [extension(mode)] }, COMPRESSED)
    const calls = new Calls()
    end.socket.send('one', calls.written('one'))
    end.socket.send(new Uint8Array(10), { compress: false, ...calls.written('two') })
    end.socket.send(prepare('three'), calls.written('three'))
    expect(calls.all).toEqual([])
    await calls.count(3)
    expect(calls.all.map(([name, error]) => `${name} ${String(error)}`)).toEqual([
      'one none',
      'two none',
      'three none',
    ])
    await end.peer.frames(3)
  })

  test('for streamed messages, and for messages behind them', async () => {
    await using end = await start()
    const calls = new Calls()
    const gate = Promise.withResolvers<void>()
    async function* source(): AsyncGenerator<string> {
      yield 'first '
      await gate.promise
      yield 'last'
    }
    const sending = end.socket.sendStream(source(), calls.written('stream'))
    await end.peer.frames(1)
    end.socket.send('behind', calls.written('behind'))
    await turns()
    expect(calls.all).toEqual([])
    gate.resolve()
    await sending
    await calls.count(2)
    expect(calls.all).toEqual([
      ['stream', 'none'],
      ['behind', 'none'],
    ])
  })

  test('for messages that were sent before close', async () => {
    await using end = await start()
    const calls = new Calls()
    end.socket.send('last', calls.written('last'))
    end.socket.close(1000)
    await calls.count(1)
    expect(calls.all).toEqual([['last', 'none']])
    expect(await end.peer.frames(2)).toEqual(['text last', 'close 1000'])
  })

  test('for messages that are still queued when the peer’s Close is received', async () => {
    await using end = await start()
    end.peer.raw.pause()
    const calls = new Calls()
    end.socket.send(BLOCKING)
    for (let i = 0; i < 16; i++) end.socket.send(String(i), calls.written(String(i)))
    await end.peer.send(close(1000))
    await end.recorder.until('close')
    expect(calls.all).toEqual([])
    end.peer.raw.resume()
    await calls.count(16)
    expect(calls.all).toEqual(Array.from({ length: 16 }, (_, i) => [String(i), 'none']))
  })

  test('for messages that a peer reads after its FIN', async () => {
    await using end = await start()
    end.peer.raw.pause()
    const calls = new Calls()
    end.socket.send(BLOCKING)
    for (let i = 0; i < 16; i++) end.socket.send(String(i), calls.written(String(i)))
    await turns(20)
    end.peer.raw.end()
    await end.recorder.until('close')
    end.peer.raw.resume()
    await calls.count(16)
    expect(calls.all.map(([name]) => name)).toEqual(Array.from({ length: 16 }, (_, i) => String(i)))
  })
})

describe('written is called once with an error', () => {
  const ends: [string, (end: Awaited<ReturnType<typeof start>>) => unknown][] = [
    ['is terminated', ({ socket }) => socket.terminate()],
    ['is reset by the peer', ({ peer }) => peer.raw.reset()],
    ['is destroyed below', ({ recorder }) => recorder.transports[0]!.destroy(new Error('unplugged'))],
  ]

  test.each(ends)('for each message that waits when the connection %s', async (_, finish) => {
    await using end = await start()
    end.peer.raw.pause()
    const calls = new Calls()
    end.socket.send(BLOCKING)
    for (let i = 0; i < 32; i++) end.socket.send(String(i), calls.written(String(i)))
    await turns(20)
    finish(end)
    await calls.count(32)
    expect(calls.all).toEqual(Array.from({ length: 32 }, (_, i) => [String(i), NOT_WRITTEN]))
    await turns()
    expect(calls.all).toHaveLength(32)
  })

  test('for a message that was sent in the turn in which the connection is terminated', async () => {
    await using end = await start()
    const calls = new Calls()
    end.socket.send('lost', calls.written('lost'))
    end.socket.terminate()
    expect(calls.all).toEqual([])
    await calls.count(1)
    expect(calls.all).toEqual([['lost', NOT_WRITTEN]])
  })

  test.each([
    ['closing', ({ socket }) => socket.close(1000)],
    ['terminated', ({ socket }) => socket.terminate()],
    [
      'closed',
      async ({ socket, peer }) => {
        await peer.send(close(1000))
        await socket.closed
      },
    ],
  ] as [string, (end: Awaited<ReturnType<typeof start>>) => unknown][])(
    'for a message that a %s socket refuses, after send has returned',
    async (_, finish) => {
      await using end = await start()
      await finish(end)
      const calls = new Calls()
      expect(end.socket.send('late', calls.written('late'))).toBe(false)
      expect(calls.all).toEqual([])
      await calls.count(1)
      expect(calls.all).toEqual([['late', NOT_WRITTEN]])
      await turns()
      expect(calls.all).toHaveLength(1)
    },
  )

  test('for the messages that overflow maxBufferedAmount', async () => {
    await using end = await start({ maxBufferedAmount: MEBIBYTE })
    end.peer.raw.pause()
    const calls = new Calls()
    let sent = 0
    while (end.socket.state === 'open') {
      end.socket.send(new Uint8Array(MEBIBYTE), calls.written(String(sent++)))
      await turns(2)
    }
    await calls.count(sent)
    expect(calls.all.map(([name]) => name).toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: sent }, (_, i) => String(i)),
    )
    expect(calls.all.at(-1)![1]).toMatchObject({ cause: { code: 'ERR_WS_BUFFER_OVERFLOW' } })
  })

  test('while a handler that waits for it is pending', async () => {
    const errors: unknown[] = []
    await using recorder = await RecordingServer.start({
      maxBufferedAmount: Number.POSITIVE_INFINITY,
      async message(socket) {
        errors.push(
          await new Promise(resolve => {
            socket.send(new Uint8Array(32 * MEBIBYTE), { written: resolve })
          }),
        )
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    peer.raw.pause()
    await peer.send(frame(Opcode.text))
    await recorder.until('message')
    await turns(20)
    peer.raw.reset()
    await recorder.until('close')
    expect(errors).toEqual([NOT_WRITTEN])
  })

  test('for a message that is cut off while an extension transforms it', async () => {
    await using end = await start({ extensions: [extension('later')] }, COMPRESSED)
    const calls = new Calls()
    end.socket.send('a'.repeat(4 * MEBIBYTE), calls.written('compressed'))
    end.socket.terminate()
    await calls.count(1)
    expect(calls.all).toEqual([['compressed', NOT_WRITTEN]])
    await turns(50)
    expect(calls.all).toHaveLength(1)
  })

  test('for a streamed message that is cut off by close, and for a message behind it', async () => {
    await using end = await start()
    const calls = new Calls()
    async function* source(): AsyncGenerator<string> {
      yield 'first'
      await new Promise(() => {})
    }
    end.socket.sendStream(source(), calls.written('stream')).catch(() => {})
    await end.peer.frames(1)
    end.socket.send('behind', calls.written('behind'))
    end.socket.close(1000)
    await end.peer.frames(2)
    await end.peer.send(close(1000))
    await calls.count(2)
    expect(calls.all.toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
      ['behind', NOT_WRITTEN],
      ['stream', expect.objectContaining({ name: 'WebSocketError' })],
    ])
  })

  test.each([
    [
      'a source that fails',
      () => ({
        [Symbol.iterator]: () => {
          throw new Error('bug')
        },
      }),
      'bug',
    ],
    ['an empty source without a type', () => [], 'must be given a type'],
    ['a piece of a wrong type', () => [1], 'must be a string'],
  ])('for a streamed message with %s', async (_, source, message) => {
    await using end = await start()
    const calls = new Calls()
    const sending = end.socket.sendStream(source() as Iterable<string>, calls.written('stream'))
    await expect(sending).rejects.toThrow(message)
    await calls.count(1)
    expect(calls.all).toEqual([['stream', expect.any(Error)]])
  })
})

test('written that throws or rejects is reported, and closes the socket with 1011', async () => {
  for (const fail of [
    () => {
      throw new Error('bug')
    },
    () => Promise.reject(new Error('bug')),
  ]) {
    await using end = await start()
    end.socket.send('one', { written: fail })
    await end.recorder.until('error')
    expect(end.recorder.errors).toEqual([new Error('bug')])
    expect(await end.peer.frames(2)).toEqual(['text one', 'close 1011 internal error'])
  }
})

test('send throws a TypeError for wrong options, and does not call written', async () => {
  await using end = await start()
  const written = vi.fn()
  const wrong: [unknown, string][] = [
    [written, 'the options must be an object'],
    [null, 'the options must be an object'],
    [{ writen: written }, 'unknown option "writen" (did you mean "written"?)'],
    [{ binary: true, written }, 'unknown option "binary"'],
    [{ written: 'yes' }, 'written must be a function, not string'],
    [{ written, compress: 'no' }, 'compress must be true or false, not string'],
    [{ written, type: 'texts' }, "type of a message must be 'text' or 'binary', not 'texts'"],
  ]
  for (const [options, message] of wrong)
    expect(() => end.socket.send('x', options as SendOptions)).toThrow(message)
  expect(() => end.socket.send(5 as never, { written })).toThrow(TypeError)
  await turns()
  expect(written).not.toHaveBeenCalled()
})
