// `createWebSocketStream`.

import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import { closed, connect, IMPLEMENTATIONS, listen, messages } from './implementations.ts'

describe.each(IMPLEMENTATIONS)('createWebSocketStream of %s', (_, implementation) => {
  const { createWebSocketStream } = implementation

  test('reads messages and writes chunks as messages', async () => {
    const { client, socket } = await connect(implementation)
    const stream = createWebSocketStream(client, { encoding: 'utf8' })
    const received = messages(socket, 2)
    stream.write('one')
    stream.write(Buffer.from('two'))
    expect(await received).toEqual([Buffer.from('one'), Buffer.from('two')])
    socket.send('three')
    expect(await once(stream, 'data')).toEqual(['three'])
  })

  test('gives texts as strings in readableObjectMode', async () => {
    const { client, socket } = await connect(implementation)
    const stream = createWebSocketStream(client, { readableObjectMode: true })
    socket.send('text')
    expect(await once(stream, 'data')).toEqual(['text'])
    socket.send(Buffer.from('bytes'))
    expect(await once(stream, 'data')).toEqual([Buffer.from('bytes')])
  })

  test('sends texts with decodeStrings false', async () => {
    const { client, socket } = await connect(implementation)
    const stream = createWebSocketStream(client, { decodeStrings: false })
    const received = messages(socket, 1)
    stream.write('text')
    expect(await received).toEqual(['text'])
  })

  test('waits for the connection, and closes it at its end', async () => {
    const { server, url } = await listen(implementation)
    const received: string[] = []
    server.on('connection', socket => socket.on('message', data => received.push(String(data))))
    const client = new implementation.WebSocket(url)
    const stream = createWebSocketStream(client)
    stream.resume()
    const end = closed(client)
    stream.end('last')
    expect(await end).toEqual([1005, ''])
    expect(received).toEqual(['last'])
  })

  test('ends when the peer closes, after all messages', async () => {
    const { client, socket } = await connect(implementation)
    const stream = createWebSocketStream(client)
    for (let i = 0; i < 100; i++) socket.send(Buffer.alloc(10_000, i))
    socket.close()
    let length = 0
    for await (const chunk of stream) {
      length += chunk.length
      await new Promise(setImmediate)
    }
    expect(length).toBe(1_000_000)
  })

  test('ends the connection when it is destroyed', async () => {
    const { client, socket } = await connect(implementation)
    const stream = createWebSocketStream(client)
    const end = closed(socket)
    stream.destroy()
    expect(await end).toEqual([1006, ''])
  })

  test('is destroyed by an error of the connection', async () => {
    const client = new implementation.WebSocket('ws://127.0.0.1:1')
    const [error] = await once(createWebSocketStream(client), 'error')
    expect(error.code).toBe('ECONNREFUSED')
  })

  test('works in a pipeline', async () => {
    const { client, socket } = await connect(implementation)
    const received = messages(socket, 3)
    const stream = createWebSocketStream(client)
    stream.resume()
    await pipeline(['a', 'b', 'c'], stream)
    expect(await received).toEqual(['a', 'b', 'c'].map(text => Buffer.from(text)))
  })
})
