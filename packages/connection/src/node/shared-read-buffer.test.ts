import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { type Duplex, PassThrough } from 'node:stream'
import { RawPeer } from '@ws/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createReader } from './shared-read-buffer.ts'

let server: Server
let accepted: Socket[]

beforeEach(async () => {
  accepted = []
  server = createServer(socket => accepted.push(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(async () => {
  for (const socket of accepted) socket.destroy()
  server.close()
  await once(server, 'close')
})

async function connect(): Promise<{ peer: RawPeer; socket: Socket }> {
  const connection = once(server, 'connection') as Promise<[Socket]>
  const peer = await RawPeer.connect((server.address() as AddressInfo).port)
  const [socket] = await connection
  return { peer, socket }
}

/** Records the bytes that its transports read, as latin1 text. */
class RecordingReader {
  readonly memory = new Set<ArrayBufferLike>()
  readonly transports: Duplex[] = []
  #text = ''
  #waiting: (() => void) | undefined
  readonly start = createReader(this.#reader())

  /** Waits until exactly this text has been read. */
  async receives(text: string): Promise<void> {
    while (this.#text.length < text.length) await new Promise<void>(resolve => (this.#waiting = resolve))
    expect(this.#text).toBe(text)
  }

  #reader(): (this: Duplex, bytes: Uint8Array) => void {
    const record = (transport: Duplex, bytes: Buffer): void => {
      this.#text += bytes.toString('latin1')
      this.memory.add(bytes.buffer)
      this.transports.push(transport)
      this.#waiting?.()
    }
    return function (bytes) {
      record(this, bytes as Buffer)
    }
  }
}

describe('createReader on an accepted socket', () => {
  test('reads all sockets into the same buffer, and calls the reader with the socket as `this`', async () => {
    const reader = new RecordingReader()
    const one = await connect()
    const other = await connect()
    for (const { socket } of [one, other]) reader.start(socket)
    for (const socket of accepted) socket.resume()
    await one.peer.write('a')
    await reader.receives('a')
    await other.peer.write('b')
    await reader.receives('ab')
    await one.peer.write('c')
    await reader.receives('abc')
    expect(reader.memory.size).toBe(1)
    expect(reader.transports).toEqual([one.socket, other.socket, one.socket])
    one.peer.reset()
    other.peer.reset()
  })

  test('receives more data than the buffer holds in order', async () => {
    const reader = new RecordingReader()
    const { peer, socket } = await connect()
    reader.start(socket)
    socket.resume()
    const text = Array.from({ length: 300_000 }, (_, i) => String.fromCharCode(33 + (i % 89))).join('')
    await Promise.all([peer.write(text), reader.receives(text)])
    expect(reader.memory.size).toBe(1)
    peer.reset()
  })

  test('reads nothing while the socket is paused, and continues when it resumes', async () => {
    const reader = new RecordingReader()
    const { peer, socket } = await connect()
    reader.start(socket)
    socket.resume()
    await peer.write('a')
    await reader.receives('a')
    socket.pause()
    const read = socket.bytesRead
    await peer.write('b')
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
    expect(socket.bytesRead).toBe(read)
    socket.resume()
    await reader.receives('ab')
    peer.reset()
  })

  test('lets the socket emit `end` and `close` after the FIN of the peer', async () => {
    const reader = new RecordingReader()
    const { peer, socket } = await connect()
    reader.start(socket)
    socket.resume()
    const end = once(socket, 'end')
    const close = once(socket, 'close')
    await peer.write('a')
    peer.end()
    await end
    await reader.receives('a')
    await close
  })

  test('leaves ECONNRESET on the socket when the peer resets it', async () => {
    const { peer, socket } = await connect()
    new RecordingReader().start(socket)
    socket.resume()
    peer.reset()
    await new Promise(resolve => socket.once('close', resolve))
    expect(socket.errored).toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('createReader where the shared buffer cannot be used', () => {
  test('uses `data` events of a stream that is not a socket', async () => {
    const reader = new RecordingReader()
    const stream = new PassThrough()
    reader.start(stream)
    stream.write('a')
    await reader.receives('a')
    expect(reader.transports).toEqual([stream])
  })

  test('delivers data first that the socket has buffered already', async () => {
    const reader = new RecordingReader()
    const { peer, socket } = await connect()
    socket.pause()
    socket.unshift('a')
    reader.start(socket)
    socket.resume()
    await peer.write('b')
    await reader.receives('ab')
    peer.reset()
  })

  test('leaves everything to another `data` listener, too', async () => {
    const reader = new RecordingReader()
    const { peer, socket } = await connect()
    const received: string[] = []
    socket.on('data', chunk => received.push(String(chunk)))
    reader.start(socket)
    await peer.write('a')
    await reader.receives('a')
    expect(received).toEqual(['a'])
    peer.reset()
  })

  test('leaves the data to a `readable` listener', async () => {
    const { peer, socket } = await connect()
    const read = new Promise(resolve => {
      socket.on('readable', () => {
        const chunk: unknown = socket.read()
        if (chunk !== null) resolve(String(chunk))
      })
    })
    new RecordingReader().start(socket)
    await peer.write('a')
    expect(await read).toBe('a')
    peer.reset()
  })

  test('uses `data` events when the handle has no `useUserBuffer`', async () => {
    const reader = new RecordingReader()
    const { peer, socket } = await connect()
    Object.assign((socket as unknown as { _handle: object })._handle, { useUserBuffer: undefined })
    reader.start(socket)
    await peer.write('a')
    await reader.receives('a')
    expect(socket.listenerCount('data')).toBe(1)
    peer.reset()
  })

  test('uses `data` events of a socket without a handle', () => {
    const reader = new RecordingReader()
    const socket = new Socket()
    reader.start(socket)
    expect(socket.listenerCount('data')).toBe(1)
  })
})
