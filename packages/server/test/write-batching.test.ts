import { describe, expect, test, vi } from 'vitest'
import type { ServerOptions, Socket } from '../src/index.ts'
import { FramePeer, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'

async function start(options: ServerOptions) {
  const recorder = await RecordingServer.start(options)
  const peer = await FramePeer.open(recorder.port)
  const [transport] = recorder.transports
  const [socket] = recorder.server.sockets
  const write = vi.fn<(chunks: Uint8Array[]) => void>()
  const { _write, _writev } = transport!
  transport!._write = (chunk: Uint8Array, ...rest) => {
    write([chunk])
    _write.call(transport, chunk, ...rest)
  }
  transport!._writev = (chunks, ...rest) => {
    write(chunks.map(({ chunk }) => chunk as Uint8Array))
    _writev!.call(transport, chunks, ...rest)
  }
  return {
    recorder,
    peer,
    socket: socket!,
    write,
    async [Symbol.asyncDispose]() {
      await peer[Symbol.asyncDispose]()
      await recorder[Symbol.asyncDispose]()
    },
  }
}

const numbers = Array.from({ length: 100 }, (_, i) => `${i}`)

describe('one write', () => {
  test('contains the replies to 100 messages in one chunk', async () => {
    await using it = await start({ message: (socket, data) => socket.send(data) })
    await it.peer.send(...numbers.map(number => text(number)))
    expect(await it.peer.frames(100)).toEqual(numbers.map(number => `text ${number}`))
    expect(it.write).toHaveBeenCalledTimes(1)
  })

  test('contains the replies of 100 handlers that await microtasks only', async () => {
    await using it = await start({
      async message(socket, data) {
        await Promise.resolve()
        socket.send(data)
      },
    })
    await it.peer.send(...numbers.map(number => text(number)))
    expect(await it.peer.frames(100)).toEqual(numbers.map(number => `text ${number}`))
    expect(it.write).toHaveBeenCalledTimes(1)
  })

  test('contains all frames sent in a turn outside of handlers, pings and the Close included', async () => {
    await using it = await start({})
    it.socket.send('a')
    it.socket.ping()
    it.socket.send(Uint8Array.of(1))
    it.socket.close(1000)
    expect(it.write).not.toHaveBeenCalled()
    expect(await it.peer.frames(4)).toEqual(['text a', 'ping ', 'binary 1 bytes', 'close 1000'])
    expect(it.write).toHaveBeenCalledTimes(1)
  })

  test('is made in the same turn', async () => {
    await using it = await start({})
    await new Promise(setImmediate)
    it.socket.send('a')
    await new Promise(setImmediate)
    expect(it.write).toHaveBeenCalledTimes(1)
    it.socket.send('b')
    it.socket.send('c')
    await new Promise(setImmediate)
    expect(it.write).toHaveBeenCalledTimes(2)
    expect(await it.peer.frames(3)).toEqual(['text a', 'text b', 'text c'])
  })

  test.each<[string, (socket: Socket) => void]>([
    ['send', socket => socket.send('a')],
    ['ping', socket => socket.ping()],
    ['close', socket => socket.close()],
  ])('is made in the same turn for %s alone', async (_, act) => {
    await using it = await start({})
    await new Promise(setImmediate)
    act(it.socket)
    await new Promise(setImmediate)
    expect(it.write).toHaveBeenCalledTimes(1)
  })

  test('contains a header and a payload of tens of KiB that is not copied', async () => {
    await using it = await start({})
    const payload = new Uint8Array(20_000).fill(7)
    it.socket.send(payload)
    await new Promise(setImmediate)
    expect(it.write).toHaveBeenCalledTimes(1)
    const [[, second]] = it.write.mock.calls[0]!
    expect(second!.buffer).toBe(payload.buffer)
    expect(await it.peer.frames(1)).toEqual(['binary 20000 bytes'])
  })
})
