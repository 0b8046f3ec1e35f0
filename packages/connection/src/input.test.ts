import { Opcode } from '@ws/frame'
import { utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { ConnectionEnd, close, ping, settled, text } from '../test/connection-end.ts'

describe('Input', () => {
  test('delivers one message at a time, and answers a ping behind it in the meantime', async () => {
    const received: unknown[] = []
    const handlers: PromiseWithResolvers<void>[] = []
    const end = new ConnectionEnd({
      message(_, data) {
        received.push(data)
        handlers.push(Promise.withResolvers())
        return handlers.at(-1)!.promise
      },
    }).open()
    await end.receive(text('one'), text('two'), ping('p'))
    expect([received, end.connection.input.isBusy]).toEqual([['one'], true])
    handlers[0]!.resolve()
    await settled()
    expect(received).toEqual(['one', 'two'])
    expect(end.frames).toEqual(['pong p'])
    handlers[1]!.resolve()
    await settled()
    expect([end.frames, end.connection.input.isBusy]).toEqual([['pong p'], false])
    end.connection.terminate()
  })

  test('pauses the transport at 64 KiB of unread input, and resumes it below', async () => {
    const handler = Promise.withResolvers<void>()
    let messages = 0
    const end = new ConnectionEnd({ message: () => (messages++ === 0 ? handler.promise : undefined) }).open()
    const large = { opcode: Opcode.binary, payload: new Uint8Array(40_000) }
    await end.receive(text('first'))
    await end.receive(large)
    expect(end.transport.isPaused()).toBe(false)
    await end.receive(large)
    expect(end.transport.isPaused()).toBe(true)
    handler.resolve()
    await settled()
    expect([end.transport.isPaused(), messages]).toEqual([false, 3])
    end.connection.terminate()
  })

  test('continues after a handler that rejects, which closes with 1011', async () => {
    const bug = new Error('a bug')
    const end = new ConnectionEnd({ message: () => Promise.reject(bug) }).open()
    await end.receive(text('one'), text('two'))
    expect([end.errors, end.frames]).toEqual([[bug], ['close 1011 internal error']])
    expect(end.counters.messagesReceived).toBe(1)
    end.connection.terminate()
  })

  test('settles once for a thenable that settles twice', async () => {
    const received: unknown[] = []
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: the subject of the test
      then(resolve: () => void) {
        setImmediate(resolve)
        setImmediate(resolve)
      },
    } as Promise<void>
    const end = new ConnectionEnd({
      message: (_, data) => {
        received.push(data)
        return data === 'one' ? thenable : new Promise<void>(() => {})
      },
    }).open()
    await end.receive(text('one'), text('two'), text('three'))
    expect(received).toEqual(['one', 'two'])
    end.connection.terminate()
  })
})

describe('a session', () => {
  test('is passed to the owner, and ends when the function returns', async () => {
    const received: unknown[] = []
    const end = new ConnectionEnd({
      async session(socket) {
        for await (const message of socket) {
          received.push(message)
          return
        }
      },
    }).open()
    expect(end.sessions).toHaveLength(1)
    await end.receive(text('one'))
    await end.sessions[0]
    expect([received, end.frames]).toEqual([['one'], ['close 1000']])
    end.connection.terminate()
  })
})

describe('a streamed message', () => {
  test('goes on while its handler is pending, and the next message waits for the handler', async () => {
    const pieces: unknown[] = []
    const handled = Promise.withResolvers<void>()
    let messages = 0
    const end = new ConnectionEnd({
      async stream(_, message) {
        if (messages++ > 0) return
        for await (const piece of message) pieces.push(piece)
        await handled.promise
      },
    }).open()
    await end.receive({ ...text('a'), fin: false })
    await end.receive({ opcode: Opcode.continuation, payload: utf8('b'), fin: false })
    expect([pieces, end.connection.input.isBusy]).toEqual([['a', 'b'], true])
    await end.receive({ opcode: Opcode.continuation }, text('next'))
    expect(messages).toBe(1)
    handled.resolve()
    await settled()
    expect([messages, end.connection.input.isBusy]).toEqual([2, false])
    end.connection.terminate()
  })

  test('that the end of the connection interrupts is no error of the handler', async () => {
    let error: unknown
    const end = new ConnectionEnd({
      async stream(_, message) {
        try {
          for await (const _piece of message);
        } catch (interruption) {
          error = interruption
          throw interruption
        }
      },
    }).open()
    await end.receive({ ...text('a'), fin: false })
    end.peer.destroy()
    const report = await end.connection.closed
    await settled()
    expect(error).toMatchObject({ cause: report })
    expect([end.errors, end.counters.errors]).toEqual([[], 0])
  })
})

describe('a rate limit', () => {
  const once = { perSecond: 0.001, burst: 1 }

  test.each([
    ['messageRate', [text('a'), text('b')], 'too many messages (RFC 6455 §7.4.1)'],
    ['pingRate', [ping('a'), ping('b')], 'too many pings (RFC 6455 §7.4.1)'],
  ] as const)('closes with 1008 when %s is exceeded', async (name, frames, reason) => {
    const end = new ConnectionEnd({}, { [name]: once }).open()
    await end.receive(...frames)
    expect(end.frames.at(-1)).toBe(`close 1008 ${reason}`)
    end.connection.terminate()
  })

  test('closes with 1008 once earlier messages have been handled, and ignores later input', async () => {
    const received: unknown[] = []
    const handler = Promise.withResolvers<void>()
    const end = new ConnectionEnd(
      {
        message(_, data) {
          received.push(data)
          return received.length === 1 ? handler.promise : undefined
        },
      },
      { byteRate: { perSecond: 0.001, burst: 30 } },
    ).open()
    await end.receive(text('one'), text('two'))
    await end.receive(text('too much for the bucket'))
    await end.receive(close(1000))
    expect([received, end.frames]).toEqual([['one'], []])
    handler.resolve()
    await settled()
    expect(received).toEqual(['one', 'two'])
    expect(end.frames).toEqual(['close 1008 too many bytes (RFC 6455 §7.4.1)'])
    end.connection.terminate()
  })
})
