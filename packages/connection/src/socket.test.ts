import { describe, expect, test } from 'vitest'
import { ConnectionEnd, close, settled, text } from '../test/connection-end.ts'
import { ConnectionSocket } from './socket.ts'

describe('Socket', () => {
  test('has its data, its id and the results of its handshake', () => {
    const { connection } = new ConnectionEnd()
    const handshake = {
      path: '/a%20b',
      search: '?q=1',
      origin: 'https://example.com',
      protocol: 'chat',
      extensions: 'permessage-deflate',
      remoteAddress: '192.0.2.1',
      request: { method: 'GET', target: '/a%20b?q=1', headers: new Headers() },
    }
    const data = { user: 'Ann' }
    const socket = new ConnectionSocket(connection, handshake, 7, data)
    const { path, search, origin, protocol, extensions, remoteAddress, request } = socket
    expect({ path, search, origin, protocol, extensions, remoteAddress, request }).toEqual(handshake)
    expect([socket.id, socket.data]).toEqual([7, data])
  })

  test('shows no property beyond those when it is logged', () => {
    const { socket } = new ConnectionEnd()
    const known = ['data', 'id', 'path', 'search', 'origin', 'protocol', 'extensions']
    expect(new Set(Object.keys(socket))).toEqual(new Set(known))
  })

  test('throws a TypeError for wrong arguments, whatever its state', () => {
    const end = new ConnectionEnd().open()
    for (const state of ['open', 'closed']) {
      expect(end.socket.state).toBe(state)
      expect(() => end.socket.send(1 as unknown as string)).toThrow(TypeError)
      expect(() => end.socket.ping(new Uint8Array(126))).toThrow(RangeError)
      expect(() => end.socket.close(1005)).toThrow(RangeError)
      end.socket.terminate()
    }
  })

  test('ignores all calls once it is closed', async () => {
    const end = new ConnectionEnd().open()
    end.socket.terminate()
    end.socket.ping()
    end.socket.close(1000)
    end.socket.terminate()
    expect(end.socket.send('late')).toBe(false)
    await expect(end.socket.sendStream(['late'])).rejects.toThrow('the connection ended')
    await settled()
    expect(end.frames).toEqual([])
  })

  test('is not iterable without a session', () => {
    const end = new ConnectionEnd({ message() {} }).open()
    const error = 'a socket is read by a loop in a session; here it has a message handler'
    expect(() => end.socket[Symbol.asyncIterator]()).toThrow(new TypeError(error))
    expect(() => end.socket.streams()).toThrow(TypeError)
    end.socket.terminate()
  })

  test('is read once, by the loop of a session', async () => {
    const received: unknown[] = []
    const end = new ConnectionEnd({
      async session(socket) {
        for await (const message of socket) received.push(message)
      },
    }).open()
    await end.receive(text('one'), text('two'))
    expect(received).toEqual(['one', 'two'])
    expect(() => end.socket[Symbol.asyncIterator]()).toThrow(TypeError)
    end.socket.terminate()
    await end.sessions[0]
  })
  test('is closed at the end of an `await using` block, which waits for the end', async () => {
    const end = new ConnectionEnd().open()
    let isOver = false
    const block = (async () => {
      await using _ = end.socket
    })().then(() => {
      isOver = true
    })
    await settled()
    expect([end.frames, isOver]).toEqual([['close 1005'], false])
    await end.receive(close(1000))
    await block
    expect(await end.socket.closed).toMatchObject({ code: 1000, by: 'local' })
  })
})
