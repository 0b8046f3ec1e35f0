import { encodeFrame, Opcode } from '@ws/frame'
import { utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { ConnectionEnd, settled, text } from '../test/connection-end.ts'

describe('Output.send', () => {
  test('writes all messages of one turn of the event loop in one chunk', async () => {
    const end = new ConnectionEnd().open()
    // From the first turn on, the size of the output is known about.
    end.socket.send('a message as long as those that follow')
    await settled()
    for (const message of ['one', 'two', 'three']) end.socket.send(message)
    await settled()
    expect(end.frames.slice(1)).toEqual(['text one', 'text two', 'text three'])
    expect(end.chunks).toBe(2)
    end.connection.terminate()
  })

  test('writes the replies to one received chunk in one chunk', async () => {
    const end = new ConnectionEnd({ message: (socket, data) => socket.send(data) }).open()
    await end.receive(text('a message as long as those that follow'))
    await end.receive(text('one'), text('two'))
    expect(end.frames.slice(1)).toEqual(['text one', 'text two'])
    expect(end.chunks).toBe(2)
    end.connection.terminate()
  })

  test('counts messages and the bytes on the wire', async () => {
    const end = new ConnectionEnd().open()
    end.socket.send('hello')
    await settled()
    expect(end.counters).toMatchObject({ messagesSent: 1, bytesSent: 7, backpressure: 0 })
    end.connection.terminate()
  })

  test('returns false on a closed connection', () => {
    const end = new ConnectionEnd().open()
    end.connection.terminate()
    expect([end.socket.send('late'), end.counters.messagesSent]).toEqual([false, 0])
  })
})

describe('the high-water mark', () => {
  const options = { highWaterMark: 1000 }

  test('makes send return false until the peer reads; then come the owner, ready and drain', async () => {
    const end = new ConnectionEnd({ drain: () => void end.events.push('drain') }, options, false).open()
    // Each is 500 bytes on the wire.
    expect(end.socket.send('a'.repeat(496))).toBe(true)
    expect(end.socket.send('b'.repeat(496))).toBe(false)
    expect(end.socket.send('c')).toBe(false)
    expect([end.counters.backpressure, end.events]).toEqual([1, []])
    const ready = end.socket.ready.then(() => void end.events.push('ready'))
    end.read()
    await ready
    expect(end.events).toEqual(['room available', 'drain', 'ready'])
    expect(end.socket.bufferedAmount).toBe(0)
    end.connection.terminate()
  })

  test('holds nothing up while the transport takes everything at once', () => {
    const end = new ConnectionEnd({}, options, false)
    const written: number[] = []
    end.transport._write = (chunk: Uint8Array, _encoding, done) => {
      written.push(chunk.length)
      done()
    }
    end.open()
    const sizes = [300, 70_000, 70_000, 900]
    expect(sizes.map(size => end.socket.send(new Uint8Array(size)))).toEqual([true, true, true, true])
    expect(written.reduce((sum, length) => sum + length)).toBe(300 + 4 + 2 * (70_000 + 10))
    expect([end.socket.bufferedAmount, end.counters.backpressure, end.events]).toEqual([904, 0, []])
    end.connection.terminate()
  })

  test('is reached again when the owner uses up the room, and drain waits', async () => {
    const end = new ConnectionEnd({ drain: () => void end.events.push('drain') }, options, false)
    end.onRoomAvailable = () => {
      end.onRoomAvailable = undefined
      end.connection.send('r'.repeat(2000))
    }
    end.open()
    end.socket.send('a'.repeat(2000))
    end.read()
    await end.socket.ready
    expect(end.events).toEqual(['room available', 'room available', 'drain'])
    end.connection.terminate()
  })

  test('is waited for by requestRoom', async () => {
    const end = new ConnectionEnd({}, options, false).open()
    expect(end.connection.requestRoom()).toBe(true)
    end.socket.send('a'.repeat(999))
    expect(end.connection.requestRoom()).toBe(false)
    end.read()
    await end.socket.ready
    expect(end.events).toEqual(['room available'])
    expect(end.connection.requestRoom()).toBe(true)
    end.connection.terminate()
  })

  test('no longer counts when the connection is closed: ready resolves', async () => {
    const end = new ConnectionEnd({}, options, false).open()
    end.socket.send('a'.repeat(2000))
    const { ready } = end.socket
    end.connection.terminate()
    await ready
    expect(end.socket.bufferedAmount).toBe(0)
  })
})

describe('maxBufferedAmount', () => {
  const options = { maxBufferedAmount: 50_000 }

  test('terminates the connection of a peer that does not read', async () => {
    const end = new ConnectionEnd({}, options, false).open()
    for (let i = 0; i < 20; i++) {
      end.socket.send(new Uint8Array(20_000))
      await settled()
    }
    expect(await end.socket.closed).toMatchObject({
      by: 'local',
      cause: {
        code: 'ERR_WS_BUFFER_OVERFLOW',
        message: 'the peer does not read: more than 50000 bytes are buffered',
      },
    })
  })

  test('counts only what the transport has not taken yet', async () => {
    const end = new ConnectionEnd({}, options).open()
    for (let i = 0; i < 5; i++) end.socket.send(new Uint8Array(20_000))
    await settled()
    expect([end.socket.state, end.frames]).toEqual(['open', Array(5).fill('binary 20000')])
    end.connection.terminate()
  })
})

describe('writeTimeout', () => {
  test('terminates the connection when the peer accepts no data', async () => {
    const end = new ConnectionEnd({}, { writeTimeout: 100 }, false).open()
    end.socket.send(new Uint8Array(200_000))
    await settled()
    end.connection.tick(0, 0)
    end.connection.tick(99, 99)
    expect(end.socket.state).toBe('open')
    end.connection.tick(100, 1)
    expect(await end.socket.closed).toMatchObject({
      by: 'local',
      cause: { code: 'ERR_WS_WRITE_TIMEOUT', message: 'the peer accepted no data for 100 ms' },
    })
  })

  test('starts again whenever the peer has accepted all data', async () => {
    const end = new ConnectionEnd({}, { writeTimeout: 100 }, false).open()
    for (let now = 0; now < 500; now += 100) {
      end.socket.send(new Uint8Array(200_000))
      await settled()
      end.connection.tick(now, 50)
      expect(end.transport.writableLength).toBeGreaterThan(0)
      while (end.peer.read() !== null) await settled()
      end.connection.tick(now + 50, 50)
    }
    expect(end.socket.state).toBe('open')
    end.connection.terminate()
  })
})

describe('onWritten', () => {
  test('calls back when the frames in the output have been written', async () => {
    const end = new ConnectionEnd().open()
    const written: unknown[] = []
    end.connection.output.ping(utf8('p'))
    end.connection.output.onWritten(error => written.push(error))
    expect(written).toEqual([])
    await settled()
    expect(end.frames).toEqual(['ping p'])
    expect(written).toEqual([undefined])
    end.connection.terminate()
  })

  test('calls back with an error when nothing can be sent any more', async () => {
    const end = new ConnectionEnd().open()
    end.connection.terminate()
    const written: unknown[] = []
    end.connection.output.onWritten(error => written.push(error))
    await settled()
    expect(written).toEqual([expect.any(Error)])
  })

  test('calls back with an error when the connection ends before the frames are written', async () => {
    const end = new ConnectionEnd().open()
    const written: unknown[] = []
    end.connection.output.ping()
    end.connection.output.onWritten(error => written.push(error))
    end.connection.terminate()
    await settled()
    expect(written).toEqual([expect.any(Error)])
  })
})

describe('sendEncoded', () => {
  test('sends a frame as it is, after the messages before it', async () => {
    const end = new ConnectionEnd().open()
    end.connection.send('first')
    end.connection.output.sendEncoded(encodeFrame({ opcode: Opcode.text, payload: utf8('encoded') }))
    await settled()
    expect(end.frames).toEqual(['text first', 'text encoded'])
    end.connection.terminate()
    end.connection.output.sendEncoded(encodeFrame({ opcode: Opcode.text }))
  })
})
