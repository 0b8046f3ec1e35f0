// Messages, pings and pongs: `send`, `ping`, `pong`, `binaryType`, `bufferedAmount`, `pause`.

import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { RawData } from '../src/index.ts'
import { connect, IMPLEMENTATIONS, messages } from './implementations.ts'

describe.each(IMPLEMENTATIONS)('a WebSocket of %s', (_, implementation) => {
  test('emits texts and binary messages as buffers, and says which they are', async () => {
    const { client, socket } = await connect(implementation)
    client.send('text')
    const [text, isBinary] = await once(socket, 'message')
    expect([text, isBinary]).toEqual([Buffer.from('text'), false])
    client.send(Buffer.from('bytes'))
    expect(await once(socket, 'message')).toEqual([Buffer.from('bytes'), true])
  })

  test('sends everything that becomes a Buffer', async () => {
    const { client, socket } = await connect(implementation)
    const received = messages(socket, 9)
    client.send('text')
    client.send(42)
    client.send(Buffer.from('a'))
    client.send(Uint8Array.of(1, 2).buffer)
    client.send(new DataView(Uint8Array.of(1, 2, 3).buffer, 1))
    client.send(new Uint16Array([258]))
    client.send([1, 2])
    client.send({ valueOf: () => 'object' } as never)
    client.send(null as never)
    expect(await received).toEqual([
      'text',
      '42',
      Buffer.from('a'),
      Buffer.of(1, 2),
      Buffer.of(2, 3),
      Buffer.from(new Uint16Array([258]).buffer),
      Buffer.of(1, 2),
      Buffer.from('object'),
      Buffer.alloc(0),
    ])
    expect(() => client.send({} as never)).toThrow(TypeError)
  })

  test('lets the caller of send reuse the bytes, whatever their size', async () => {
    const { client, socket } = await connect(implementation)
    const sizes = [16, 4 * 1024, 8 * 1024, 16 * 1024, 64 * 1024]
    const received = messages(client, sizes.length)
    for (const size of sizes) {
      const bytes = Buffer.alloc(size, 'a')
      socket.send(bytes)
      bytes.fill('b')
    }
    expect(await received).toEqual(sizes.map(size => Buffer.alloc(size, 'a')))
  })

  test('sends a Blob in its turn', async () => {
    const { client, socket } = await connect(implementation)
    const received = messages(socket, 3)
    client.send('before')
    client.send(new Blob(['blob']))
    client.send('after')
    expect(await received).toEqual(['before', Buffer.from('blob'), 'after'])
  })

  test('sends bytes as text, and a text as bytes, with the option binary', async () => {
    const { client, socket } = await connect(implementation)
    const received = messages(socket, 2)
    client.send(Buffer.from('text'), { binary: false })
    client.send('bytes', { binary: true })
    expect(await received).toEqual(['text', Buffer.from('bytes')])
  })

  test('joins the fragments of a message, characters across them included', async () => {
    const { client, socket } = await connect(implementation)
    const received = messages(socket, 2)
    const text = Buffer.from('a€b')
    client.send(text.subarray(0, 2), { binary: false, fin: false })
    client.send(text.subarray(2), { fin: true })
    client.send(Buffer.of(1), { fin: false })
    client.send(Buffer.of(2), { fin: false })
    client.send(Buffer.of(3))
    expect(await received).toEqual(['a€b', Buffer.of(1, 2, 3)])
  })

  test('calls back once a message, a fragment, a ping and a pong have been written', async () => {
    const { client } = await connect(implementation)
    const written: string[] = []
    const callback = (name: string) => (error?: Error | null) => void written.push(`${name} ${error ?? 'ok'}`)
    await new Promise<void>(resolve => {
      client.send('a', callback('message'))
      client.send('b', { fin: false }, callback('fragment'))
      client.send('c', { fin: true }, callback('last fragment'))
      client.ping('p', true, callback('ping'))
      client.pong(undefined, undefined, error => {
        callback('pong')(error)
        resolve()
      })
    })
    expect(written.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'fragment ok',
      'last fragment ok',
      'message ok',
      'ping ok',
      'pong ok',
    ])
  })

  test('may be given the same bytes again after send', async () => {
    const { client, socket } = await connect(implementation)
    const received = messages(client, 2)
    const bytes = Buffer.alloc(32 * 1024, 1)
    socket.send(bytes)
    bytes.fill(2)
    socket.send(bytes)
    const [first, second] = (await received) as [Buffer, Buffer]
    expect([first[0], first.at(-1), second[0], second.at(-1)]).toEqual([1, 1, 2, 2])
  })

  test('emits pings and pongs, and answers pings', async () => {
    const { client, socket } = await connect(implementation)
    client.ping('ping')
    expect(await once(socket, 'ping')).toEqual([Buffer.from('ping')])
    expect(await once(client, 'pong')).toEqual([Buffer.from('ping')])
    socket.pong(Buffer.from('pong'))
    expect(await once(client, 'pong')).toEqual([Buffer.from('pong')])
    client.ping(42)
    expect(await once(socket, 'ping')).toEqual([Buffer.from('42')])
    client.ping()
    expect(await once(socket, 'ping')).toEqual([Buffer.alloc(0)])
    expect(() => client.ping(Buffer.alloc(126))).toThrow(RangeError)
    expect(() => client.pong(Buffer.alloc(126))).toThrow(RangeError)
  })

  test('leaves pings to the program without autoPong', async () => {
    const { client, socket } = await connect(implementation, { autoPong: false })
    const pongs: string[] = []
    client.on('pong', data => pongs.push(String(data)))
    client.ping('first')
    await once(socket, 'ping')
    socket.pong('mine')
    await once(client, 'pong')
    expect(pongs).toEqual(['mine'])
  })

  test.each([
    ['nodebuffer', (data: RawData) => data],
    ['arraybuffer', (data: RawData) => Buffer.from(data as ArrayBuffer)],
    ['fragments', (data: RawData) => Buffer.concat(data as Buffer[])],
    ['blob', (data: RawData) => (data as unknown as Blob).bytes().then(Buffer.from)],
  ] as const)('emits binary messages as the binaryType %s', async (binaryType, read) => {
    const { client, socket } = await connect(implementation)
    socket.binaryType = binaryType
    expect(socket.binaryType).toBe(binaryType)
    client.send(Buffer.from('bytes'))
    const [data] = await once(socket, 'message')
    expect(Buffer.isBuffer(data)).toBe(binaryType === 'nodebuffer')
    expect(data instanceof ArrayBuffer).toBe(binaryType === 'arraybuffer')
    expect(Array.isArray(data)).toBe(binaryType === 'fragments')
    expect(data instanceof Blob).toBe(binaryType === 'blob')
    expect(await read(data)).toEqual(Buffer.from('bytes'))
    client.send('text')
    expect(await once(socket, 'message')).toEqual([Buffer.from('text'), false])
  })

  test('ignores an unknown binaryType', async () => {
    const { client } = await connect(implementation)
    client.binaryType = 'unknown' as never
    expect(client.binaryType).toBe('nodebuffer')
  })

  test('has nothing buffered for a peer that reads, and counts what cannot be sent', async () => {
    const { client, socket } = await connect(implementation)
    client.send('text')
    expect(client.bufferedAmount).toBe(0)
    socket.pause()
    const chunk = Buffer.alloc(2 ** 20)
    for (let sent = 0; sent < 64 && client.bufferedAmount === 0; sent++) client.send(chunk)
    expect(client.bufferedAmount).toBeGreaterThan(0)
    socket.resume()
    client.close()
    await once(client, 'close')
    const before = client.bufferedAmount
    client.send('late')
    expect(client.bufferedAmount).toBe(before + 4)
  })

  test('emits nothing while paused, and everything after resume', async () => {
    const { client, socket } = await connect(implementation)
    expect(socket.isPaused).toBe(false)
    socket.pause()
    expect(socket.isPaused).toBe(true)
    const received: string[] = []
    socket.on('message', data => received.push(String(data)))
    await new Promise(resolve => client.send('one', resolve))
    await new Promise(resolve => client.send('two', resolve))
    for (let i = 0; i < 10; i++) await new Promise(setImmediate)
    expect(received).toEqual([])
    socket.resume()
    expect(socket.isPaused).toBe(false)
    while (received.length < 2) await once(socket, 'message')
    expect(received).toEqual(['one', 'two'])
  })

  test('does not pause before it is open', () => {
    const client = new implementation.WebSocket('ws://127.0.0.1:1')
    client.on('error', () => {})
    client.pause()
    expect(client.isPaused).toBe(false)
    client.resume()
    client.terminate()
  })

  test('throws when it is to send while connecting', () => {
    const client = new implementation.WebSocket('ws://127.0.0.1:1')
    client.on('error', () => {})
    const message = 'WebSocket is not open: readyState 0 (CONNECTING)'
    expect(() => client.send('x')).toThrow(message)
    expect(() => client.ping()).toThrow(message)
    expect(() => client.pong()).toThrow(message)
    client.terminate()
  })

  test('calls back with an error when it is to send after the end', async () => {
    const { client } = await connect(implementation)
    client.close()
    const closing = await new Promise(resolve => client.send('x', resolve))
    expect(String(closing)).toContain('readyState 2 (CLOSING)')
    await once(client, 'close')
    for (const send of [client.send, client.ping, client.pong]) {
      const error = await new Promise(resolve => send.call(client, 'x', resolve as never))
      expect(String(error)).toContain('readyState 3 (CLOSED)')
    }
  })

  test('emits one event in a tick without allowSynchronousEvents', async () => {
    const { client, socket } = await connect(implementation, { allowSynchronousEvents: false })
    const order: string[] = []
    socket.on('message', data => {
      order.push(String(data))
      queueMicrotask(() => order.push(`after ${data}`))
    })
    const received = messages(socket, 3)
    for (const text of ['a', 'b', 'c']) client.send(text)
    await received
    await new Promise(setImmediate)
    expect(order).toEqual(['a', 'after a', 'b', 'after b', 'c', 'after c'])
  })

  test('masks with the keys of generateMask', async () => {
    const { client, socket } = await connect(implementation, {}, { generateMask: mask => mask.fill(7) })
    const received = messages(socket, 1)
    const written: Buffer[] = []
    const transport = client._socket!
    const write = transport.write as (...args: unknown[]) => boolean
    transport.write = ((chunk: Buffer, ...rest: unknown[]) => {
      written.push(Buffer.from(chunk))
      return write.call(transport, chunk, ...rest)
    }) as never
    client.send('a')
    expect(await received).toEqual(['a'])
    expect(Buffer.concat(written).subarray(2, 6)).toEqual(Buffer.of(7, 7, 7, 7))
  })
})
