// Socket.pause and Socket.resume.

import { Opcode } from '@ws/frame'
import { describe, expect, test } from 'vitest'
import { ConnectionEnd, close, ping, settled, text } from '../test/connection-end.ts'
import type { ConnectionHandlers } from './handlers.ts'
import type { Socket } from './socket.ts'

/** An end that records its messages. */
function create(handlers: ConnectionHandlers<Socket> = {}): { end: ConnectionEnd; received: unknown[] } {
  const received: unknown[] = []
  const end = new ConnectionEnd({
    message: (socket, data, type) => {
      received.push(data)
      return handlers.message?.(socket, data, type)
    },
    ...(handlers.open !== undefined && { open: handlers.open }),
    close: () => void received.push('closed'),
  })
  return { end, received }
}

describe('a paused socket', () => {
  test('gets no message until it is resumed, and then all of them in order', async () => {
    const { end, received } = create()
    end.open()
    end.socket.pause()
    await end.receive(text('one'), text('two'))
    await end.receive(text('three'))
    expect(received).toEqual([])
    end.socket.resume()
    expect(received).toEqual([])
    await settled()
    expect(received).toEqual(['one', 'two', 'three'])
    end.connection.terminate()
  })

  test('gets no further message of the same chunk', async () => {
    const { end, received } = create({ message: socket => socket.pause() })
    end.open()
    await end.receive(text('one'), text('two'), text('three'))
    expect(received).toEqual(['one'])
    end.socket.resume()
    await settled()
    expect(received).toEqual(['one', 'two'])
    end.connection.terminate()
  })

  test('can be paused in the open handler, before the bytes behind the handshake', async () => {
    const { end, received } = create({ open: socket => socket.pause() })
    end.open()
    await end.receive(text('first'))
    expect(received).toEqual([])
    end.socket.resume()
    await settled()
    expect(received).toEqual(['first'])
    end.connection.terminate()
  })

  test('needs one resume for any number of pauses, and a second resume does nothing', async () => {
    const { end, received } = create()
    end.open()
    end.socket.resume()
    end.socket.pause()
    end.socket.pause()
    end.socket.resume()
    end.socket.resume()
    await end.receive(text('one'))
    expect(received).toEqual(['one'])
    end.socket.pause()
    await end.receive(text('two'))
    expect(received).toEqual(['one'])
    end.socket.resume()
    await settled()
    expect(received).toEqual(['one', 'two'])
    end.connection.terminate()
  })

  test('stays paused if it is paused again right after it was resumed', async () => {
    const { end, received } = create()
    end.open()
    end.socket.pause()
    await end.receive(text('one'))
    end.socket.resume()
    end.socket.pause()
    await settled()
    expect(received).toEqual([])
    end.socket.resume()
    await settled()
    expect(received).toEqual(['one'])
    end.connection.terminate()
  })

  test('stays paused when a handler that was pending settles', async () => {
    const handler = Promise.withResolvers<void>()
    const { end, received } = create({ message: () => handler.promise })
    end.open()
    await end.receive(text('one'), text('two'))
    end.socket.pause()
    handler.resolve()
    await settled()
    expect(received).toEqual(['one'])
    end.socket.resume()
    await settled()
    expect(received).toEqual(['one', 'two'])
    end.connection.terminate()
  })

  test('waits for a pending handler after it is resumed', async () => {
    const handler = Promise.withResolvers<void>()
    const { end, received } = create({ message: () => handler.promise })
    end.open()
    end.socket.pause()
    await end.receive(text('one'), text('two'))
    end.socket.resume()
    await settled()
    expect(received).toEqual(['one'])
    handler.resolve()
    await settled()
    expect(received).toEqual(['one', 'two'])
    end.connection.terminate()
  })

  test('holds the peer back above 64 KiB, until it is resumed', async () => {
    const { end, received } = create()
    end.open()
    end.socket.pause()
    const large = { opcode: Opcode.binary, payload: new Uint8Array(40_000) }
    await end.receive(large)
    expect(end.transport.isPaused()).toBe(false)
    await end.receive(large)
    expect(end.transport.isPaused()).toBe(true)
    end.socket.resume()
    await settled()
    expect([end.transport.isPaused(), received.length]).toEqual([false, 2])
    end.connection.terminate()
  })

  test('can still send, and is terminated when its peer is silent after a ping', async () => {
    const { end } = create()
    end.open()
    end.socket.pause()
    expect(end.socket.send('hello')).toBe(true)
    await end.receive(ping('p'))
    expect(end.frames).toEqual(['text hello', 'pong p'])
    for (let now = 0; now < 30_000; now += 1000) end.connection.tick(now, 1000)
    await end.receive(text('alive'))
    for (let now = 30_000; now < 55_000; now += 1000) end.connection.tick(now, 1000)
    expect(end.socket.state).toBe('open')
    for (let now = 55_000; now < 100_000; now += 1000) end.connection.tick(now, 1000)
    expect(await end.socket.closed).toMatchObject({ cause: { code: 'ERR_WS_PONG_TIMEOUT' } })
  })

  test('reports the peer’s Close once it is resumed, after the messages before it', async () => {
    const { end, received } = create()
    end.open()
    end.socket.pause()
    await end.receive(text('last'), close(1000))
    expect(received).toEqual([])
    end.socket.resume()
    expect(await end.socket.closed).toMatchObject({ code: 1000, by: 'peer' })
    expect(received).toEqual(['last', 'closed'])
  })

  test.each([
    ['a Close', [text('last'), close(1000)], 'closed 1000'],
    ['none', [text('last')], 'closed 1006'],
  ])(
    'gets its messages and its report closeTimeout after the transport has closed, with %s',
    async (_, frames, end) => {
      const received: unknown[] = []
      const peer = new ConnectionEnd(
        {
          message: (_, data) => void received.push(data),
          close: (_, { code }) => void received.push(`closed ${code}`),
        },
        { closeTimeout: 1000 },
      )
      peer.open()
      peer.socket.pause()
      await peer.receive(...frames)
      peer.transport.destroy()
      await settled()
      peer.connection.tick(0, 0)
      peer.connection.tick(999, 999)
      await settled()
      expect(received).toEqual([])
      peer.connection.tick(1000, 1)
      await settled()
      expect(received).toEqual(['last', end])
      expect(peer.events).toEqual(['connection closed', 'connection finished'])
    },
  )

  test('is resumed by close, which drops what is unread', async () => {
    const { end, received } = create()
    end.open()
    end.socket.pause()
    await end.receive(text('pending'))
    end.socket.close(1000)
    await settled()
    expect(end.frames).toEqual(['close 1000'])
    await end.receive(close(1000))
    expect(await end.socket.closed).toMatchObject({ code: 1000, wasClean: true, by: 'local' })
    expect(received).toEqual(['closed'])
  })

  test('cannot be paused again once it is closing', async () => {
    const { end } = create()
    end.open()
    end.socket.close(1000)
    end.socket.pause()
    await end.receive(close(1000))
    expect(end.socket.state).toBe('closed')
    end.socket.pause()
    end.socket.resume()
    await settled()
    expect(end.transport.isPaused()).toBe(false)
  })

  test('ends at once when it is terminated, without its unread messages', async () => {
    const { end, received } = create()
    end.open()
    end.socket.pause()
    await end.receive(text('lost'))
    end.socket.terminate()
    expect(await end.socket.closed).toMatchObject({ code: 1006, by: 'local' })
    end.socket.resume()
    await settled()
    expect(received).toEqual(['closed'])
    expect(end.events).toEqual(['connection closed', 'connection finished'])
  })

  test('is closed by its owner without waiting for a resume', async () => {
    const { end } = create()
    end.open()
    end.socket.pause()
    end.connection.closeWhenIdle(1001, '')
    await end.receive(close(1001))
    expect(await end.socket.closed).toMatchObject({ code: 1001, wasClean: true })
  })

  test('gets no further piece of a streamed message', async () => {
    const pieces: unknown[] = []
    const end = new ConnectionEnd({
      async stream(_, message) {
        for await (const piece of message) pieces.push(piece)
      },
    }).open()
    await end.receive({ ...text('one '), fin: false })
    end.socket.pause()
    await end.receive({ opcode: Opcode.continuation, payload: new TextEncoder().encode('two') })
    expect(pieces).toEqual(['one '])
    end.socket.resume()
    await settled()
    expect(pieces).toEqual(['one ', 'two'])
    end.connection.terminate()
  })

  test('gets no further message in the loop of a session', async () => {
    const messages: unknown[] = []
    const end = new ConnectionEnd({
      async session(socket) {
        for await (const message of socket) messages.push(message)
      },
    }).open()
    await end.receive(text('one'))
    end.socket.pause()
    await end.receive(text('two'))
    expect(messages).toEqual(['one'])
    end.socket.resume()
    await settled()
    expect(messages).toEqual(['one', 'two'])
    end.connection.terminate()
  })
})
