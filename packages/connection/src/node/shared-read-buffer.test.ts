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

/** Both ends of a connection. */
async function connect(): Promise<{ peer: RawPeer; socket: Socket }> {
  const connection = once(server, 'connection') as Promise<[Socket]>
  const peer = await RawPeer.connect((server.address() as AddressInfo).port)
  const [socket] = await connection
  return { peer, socket }
}

/** A reader that notes what it is given, as text, and by which transport; `all` resolves when that much has come. */
class Notes {
  readonly memory = new Set<ArrayBufferLike>()
  readonly transports: Duplex[] = []
  #text = ''
  #waiting: (() => void) | undefined
  readonly start = createReader(this.#reader())

  async all(text: string): Promise<void> {
    while (this.#text.length < text.length) await new Promise<void>(resolve => (this.#waiting = resolve))
    expect(this.#text).toBe(text)
  }

  #reader(): (this: Duplex, bytes: Uint8Array) => void {
    const take = (transport: Duplex, bytes: Buffer): void => {
      this.#text += bytes.toString('latin1')
      this.memory.add(bytes.buffer)
      this.transports.push(transport)
      this.#waiting?.()
    }
    return function (bytes) {
      take(this, bytes as Buffer)
    }
  }
}

describe('an accepted socket', () => {
  test('reads to the same place as all others, and says which it is', async () => {
    const notes = new Notes()
    const one = await connect()
    const other = await connect()
    for (const { socket } of [one, other]) notes.start(socket)
    for (const socket of accepted) socket.resume()
    await one.peer.write('a')
    await notes.all('a')
    await other.peer.write('b')
    await notes.all('ab')
    await one.peer.write('c')
    await notes.all('abc')
    expect(notes.memory.size).toBe(1)
    expect(notes.transports).toEqual([one.socket, other.socket, one.socket])
    one.peer.reset()
    other.peer.reset()
  })

  test('gives more than fits there in order', async () => {
    const notes = new Notes()
    const { peer, socket } = await connect()
    notes.start(socket)
    socket.resume()
    const text = Array.from({ length: 300_000 }, (_, i) => String.fromCharCode(33 + (i % 89))).join('')
    await Promise.all([peer.write(text), notes.all(text)])
    expect(notes.memory.size).toBe(1)
    peer.reset()
  })

  test('reads nothing while it is paused, and goes on', async () => {
    const notes = new Notes()
    const { peer, socket } = await connect()
    notes.start(socket)
    socket.resume()
    await peer.write('a')
    await notes.all('a')
    socket.pause()
    const read = socket.bytesRead
    await peer.write('b')
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
    expect(socket.bytesRead).toBe(read)
    socket.resume()
    await notes.all('ab')
    peer.reset()
  })

  test('ends, and closes', async () => {
    const notes = new Notes()
    const { peer, socket } = await connect()
    notes.start(socket)
    socket.resume()
    const end = once(socket, 'end')
    const close = once(socket, 'close')
    await peer.write('a')
    peer.end()
    await end
    await notes.all('a')
    await close
  })

  test('that is reset closes with the error', async () => {
    const { peer, socket } = await connect()
    new Notes().start(socket)
    socket.resume()
    peer.reset()
    await new Promise(resolve => socket.once('close', resolve))
    expect(socket.errored).toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('who cannot be told is listened to', () => {
  test('a stream that is no socket', async () => {
    const notes = new Notes()
    const stream = new PassThrough()
    notes.start(stream)
    stream.write('a')
    await notes.all('a')
    expect(notes.transports).toEqual([stream])
  })

  test('a socket that has read what nobody has taken: that comes first', async () => {
    const notes = new Notes()
    const { peer, socket } = await connect()
    socket.pause()
    socket.unshift('a')
    notes.start(socket)
    socket.resume()
    await peer.write('b')
    await notes.all('ab')
    peer.reset()
  })

  test('a socket that somebody else listens to: both are told', async () => {
    const notes = new Notes()
    const { peer, socket } = await connect()
    const heard: string[] = []
    socket.on('data', chunk => heard.push(String(chunk)))
    notes.start(socket)
    await peer.write('a')
    await notes.all('a')
    expect(heard).toEqual(['a'])
    peer.reset()
  })

  test('a socket that somebody else reads from when it is readable', async () => {
    const { peer, socket } = await connect()
    const read = new Promise(resolve => {
      socket.on('readable', () => {
        const chunk: unknown = socket.read()
        if (chunk !== null) resolve(String(chunk))
      })
    })
    new Notes().start(socket)
    await peer.write('a')
    expect(await read).toBe('a')
    peer.reset()
  })

  test('a socket of a Node that has changed', async () => {
    const notes = new Notes()
    const { peer, socket } = await connect()
    Object.assign((socket as unknown as { _handle: object })._handle, { useUserBuffer: undefined })
    notes.start(socket)
    await peer.write('a')
    await notes.all('a')
    expect(socket.listenerCount('data')).toBe(1)
    peer.reset()
  })

  test('a socket that has no handle any more', () => {
    const notes = new Notes()
    const socket = new Socket()
    notes.start(socket)
    expect(socket.listenerCount('data')).toBe(1)
  })
})
