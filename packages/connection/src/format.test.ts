import { duplexPair } from 'node:stream'
import { type Bytes, type CloseInfo, Protocol } from '@ws/protocol'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { binary, createFormat, type Format, text } from './format.ts'
import { type OpenSocketOptions, openSocket } from './open-socket.ts'
import type { Socket } from './socket.ts'

/** Lines of a text, of which each is a value; an empty text is counted and ignored. */
const lines: Format<string[]> = createFormat(handler => (socket, message, type) => {
  if (typeof message === 'string' && message !== '') return handler(socket, message.split('\n'), type)
  return undefined
})

/** What a peer that sends these messages receives, the close report last. */
async function exchange<Value>(
  options: OpenSocketOptions<undefined, Value>,
  messages: readonly (string | Uint8Array)[],
): Promise<unknown[]> {
  const [left, right] = duplexPair()
  const received: unknown[] = []
  const closed = Promise.withResolvers<CloseInfo>()
  openSocket('server', left, options as never)
  // Unlike `Socket.close`, that of a protocol does not drop the answers that are under way.
  const client = new Protocol('client', { message: data => received.push(data), close: closed.resolve })
  right.on('data', (chunk: Uint8Array) => client.receive(chunk))
  for (const message of messages) client.send(message)
  client.close(1000)
  for (const bytes of client.takeOutput()) right.write(bytes)
  const { code, reason } = await closed.promise
  return [...received, code, reason]
}

describe('text', () => {
  const options: OpenSocketOptions<undefined, string> = {
    format: text,
    message: (socket, message) => socket.send(message.toUpperCase()),
  }

  test('passes texts on', async () => {
    expect(await exchange(options, ['a', 'b', ''])).toEqual(['A', 'B', '', 1000, ''])
  })

  test('closes with 1003 when a message is binary, and passes nothing on', async () => {
    expect(await exchange(options, ['a', Uint8Array.of(1)])).toEqual(['A', 1003, 'message is not text'])
  })
})

describe('binary', () => {
  const options: OpenSocketOptions<undefined, Bytes> = {
    format: binary,
    message: (socket, message) => socket.send(String(message.length)),
  }

  test('passes binary messages on', async () => {
    expect(await exchange(options, [new Uint8Array(3), new Uint8Array(0)])).toEqual(['3', '0', 1000, ''])
  })

  test('closes with 1003 when a message is text, and passes nothing on', async () => {
    expect(await exchange(options, [new Uint8Array(3), 'a'])).toEqual(['3', 1003, 'message is not binary'])
  })
})

describe('a format', () => {
  test('passes the values of messages to the handler, and the socket', async () => {
    const options: OpenSocketOptions<undefined, string[]> = {
      format: lines,
      message: (socket, value) => socket.send(String(value.length)),
    }
    expect(await exchange(options, ['a\nb', '', 'c'])).toEqual(['2', '1', 1000, ''])
  })

  test('waits for the promise of the handler before the next message', async () => {
    const options: OpenSocketOptions<undefined, string> = {
      format: text,
      async message(socket, message) {
        socket.send(`begin ${message}`)
        await new Promise(setImmediate)
        socket.send(`end ${message}`)
      },
    }
    expect(await exchange(options, ['a', 'b'])).toEqual(['begin a', 'end a', 'begin b', 'end b', 1000, ''])
  })

  test('closes with 1011 when it throws', async () => {
    const errors: unknown[] = []
    const failure = new Error('test error')
    const options: OpenSocketOptions<undefined, string> = {
      format: createFormat(() => () => {
        throw failure
      }),
      message: () => expect.unreachable(),
      error: error => errors.push(error),
    }
    expect(await exchange(options, ['a'])).toEqual([1011, 'internal error'])
    expect(errors).toEqual([failure])
  })

  test('is applied once for a socket, and keeps the this of all handlers', async () => {
    const made: unknown[] = []
    const owners: unknown[] = []
    const options: OpenSocketOptions<undefined, string> = {
      format: createFormat(handler => {
        made.push(handler)
        return (socket, message, type) => handler(socket, String(message), type)
      }),
      open() {
        owners.push(this)
      },
      message() {
        owners.push(this)
      },
    }
    await exchange(options, ['a', 'b'])
    expect(made).toHaveLength(1)
    expect(owners.map(owner => owner === options)).toEqual([true, true, true])
  })

  test('reads the values of a session, one at a time', async () => {
    const read: unknown[] = []
    const session = async (socket: Socket): Promise<void> => {
      for await (const value of lines.read(socket)) {
        expectTypeOf(value).toEqualTypeOf<string[]>()
        read.push(value)
      }
    }
    expect(await exchange({ session }, ['a\nb', '', 'c'])).toEqual([1000, ''])
    expect(read).toEqual([['a', 'b'], ['c']])
  })

  test('reads promised values of a session in order', async () => {
    const later = createFormat<string>(handler => async (socket, message, type) => {
      await new Promise(setImmediate)
      return handler(socket, String(message), type)
    })
    const read: unknown[] = []
    const session = async (socket: Socket): Promise<void> => {
      for await (const value of later.read(socket)) read.push(value)
    }
    await exchange({ session }, ['a', 'b'])
    expect(read).toEqual(['a', 'b'])
  })

  test('lets a session leave its loop', async () => {
    const session = async (socket: Socket): Promise<void> => {
      for await (const value of text.read(socket)) {
        socket.send(value)
        break
      }
    }
    expect(await exchange({ session }, ['a', 'b'])).toEqual(['a', 1000, ''])
  })

  test('cannot be given without a message handler', () => {
    const error = new TypeError(
      'format is that of message: give both (a session reads with format.read(socket))',
    )
    expect(() => openSocket('server', duplexPair()[0], { format: text })).toThrow(error)
    expect(() => openSocket('server', duplexPair()[0], { format: text, session() {} })).toThrow(error)
  })

  test('cannot be given with textAsBytes, which would give it texts as bytes', () => {
    const error = new TypeError('textAsBytes is for messages without a format: give one or the other')
    const options = { textAsBytes: true, format: text, message() {} }
    expect(() => openSocket('server', duplexPair()[0], options)).toThrow(error)
  })

  test.each([null, 'text', {}, () => text, { wrap: 1 }])('must be a format, not %o', format => {
    expect(() => openSocket('server', duplexPair()[0], { format, message() {} } as never)).toThrow(
      new TypeError('format must be a format, such as text, binary or json(schema)'),
    )
    expect(() => createFormat(1 as never)).toThrow(new TypeError('createFormat takes a function'))
  })
})

describe('types of formats', () => {
  test('give message the type of the value, wherever the format stands', () => {
    const end = (): ReturnType<typeof duplexPair>[0] => duplexPair()[0]
    openSocket('server', end(), {
      data: { name: 'ann' },
      message(socket, message) {
        expectTypeOf(socket).toEqualTypeOf<Socket<{ name: string }>>()
        expectTypeOf(message).toEqualTypeOf<string>()
      },
      format: text,
    })
    openSocket('server', end(), {
      format: binary,
      message(_, message) {
        expectTypeOf(message).toEqualTypeOf<Bytes>()
      },
    })
    openSocket('server', end(), {
      message(_, message) {
        expectTypeOf(message).toEqualTypeOf<string | Bytes>()
      },
    })
    openSocket('server', end(), {
      format: text,
      // @ts-expect-error a text is not a number
      message(_: Socket, _message: number) {},
    })
    // @ts-expect-error format is missing
    openSocket<undefined, string>('server', end(), { message(_, _message) {} })
    // @ts-expect-error data is missing
    openSocket<{ name: string }>('server', end(), {})
  })
})
