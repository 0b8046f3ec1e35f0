// Pings and pongs of the user, and texts as bytes.

import { Opcode } from '@ws/frame'
import { utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { ConnectionEnd, close, ping, pong, settled, text } from '../test/connection-end.ts'

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('the handlers ping and pong', () => {
  test('get the payload of each ping, which is answered, and of each pong', async () => {
    const received: string[] = []
    const end = new ConnectionEnd({
      ping: (_, payload) => received.push(`ping ${decode(payload)}`),
      pong: (_, payload) => received.push(`pong ${decode(payload)}`),
    }).open()
    await end.receive(ping('a'), pong('unsolicited'), ping(''))
    expect(received).toEqual(['ping a', 'pong unsolicited', 'ping '])
    expect(end.frames).toEqual(['pong a', 'pong '])
    end.connection.terminate()
  })

  test('may keep the payload, which is a copy', async () => {
    const payloads: Uint8Array<ArrayBuffer>[] = []
    const end = new ConnectionEnd({ pong: (_, payload) => payloads.push(payload) }).open()
    await end.receive(pong('first'), pong('second'))
    await end.receive(text('overwrites'))
    expect(payloads.map(decode)).toEqual(['first', 'second'])
    end.connection.terminate()
  })

  test('do not hold up messages while their promise is pending', async () => {
    const received: unknown[] = []
    const end = new ConnectionEnd({
      pong: () => new Promise<void>(() => {}),
      message: (_, data) => void received.push(data),
    }).open()
    await end.receive(pong('p'), text('next'))
    expect(received).toEqual(['next'])
    end.connection.terminate()
  })

  test.each([
    ['throws', () => Promise.reject(new Error('bug')), 'ping'],
    [
      'rejects',
      () => {
        throw new Error('bug')
      },
      'pong',
    ],
  ] as const)('close with 1011 and are reported once if one %s', async (_, fail, name) => {
    const end = new ConnectionEnd({ [name]: fail }).open()
    await end.receive(name === 'ping' ? ping('p') : pong('p'))
    expect(end.errors).toEqual([new Error('bug')])
    expect(end.frames.at(-1)).toBe('close 1011 internal error')
    end.connection.terminate()
  })

  test('are not called for a ping above pingRate', async () => {
    let pings = 0
    const options = { pingRate: { perSecond: 0.001, burst: 2 } }
    const end = new ConnectionEnd({ ping: () => void pings++ }, options).open()
    await end.receive(ping('1'), ping('2'), ping('3'), ping('4'))
    expect(pings).toBe(2)
    expect(end.frames.at(-1)).toMatch(/^close 1008 too many pings/)
    end.connection.terminate()
  })

  test('get the pongs that answer automatic pings too', async () => {
    const pongs: number[] = []
    const end = new ConnectionEnd({ pong: (_, payload) => pongs.push(payload.length) }).open()
    end.connection.tick(0, 0)
    end.connection.tick(30_000, 30_000)
    await settled()
    const { payload } = end.decoded[0]!
    await end.receive({ opcode: Opcode.pong, payload })
    expect(pongs).toEqual([4])
    expect(end.socket.latency).toBeGreaterThan(0)
    end.connection.terminate()
  })
})

describe('autoPong', () => {
  test('false leaves the answer to the handler', async () => {
    const end = new ConnectionEnd(
      { ping: (socket, payload) => socket.pong(utf8(`re: ${decode(payload)}`)) },
      { autoPong: false },
    ).open()
    await end.receive(ping('a'), ping('b'))
    expect(end.frames).toEqual(['pong re: a', 'pong re: b'])
    end.connection.terminate()
  })

  test('false without a handler sends nothing', async () => {
    const end = new ConnectionEnd({}, { autoPong: false }).open()
    await end.receive(ping('a'))
    expect(end.frames).toEqual([])
    end.connection.terminate()
  })
})

describe('Socket.pong', () => {
  test('sends a unidirectional heartbeat, with at most 125 bytes', async () => {
    const end = new ConnectionEnd().open()
    end.socket.pong()
    end.socket.pong(utf8('beat'))
    await settled()
    expect(end.frames).toEqual(['pong ', 'pong beat'])
    expect(() => end.socket.pong(new Uint8Array(126))).toThrow(RangeError)
    expect(() => end.socket.pong('text' as never)).toThrow(TypeError)
    end.connection.terminate()
  })

  test('does nothing on a socket that is not open', async () => {
    const end = new ConnectionEnd().open()
    await end.receive(close(1000))
    end.socket.pong(utf8('late'))
    await settled()
    expect(end.frames).toEqual(['close 1000'])
  })
})

describe('textAsBytes', () => {
  test('delivers texts as bytes, which the type distinguishes from binary messages', async () => {
    const received: unknown[] = []
    const end = new ConnectionEnd(
      { message: (_, data, type) => void received.push([type, data]) },
      { textAsBytes: true },
    ).open()
    await end.receive(text('hé'), { opcode: Opcode.binary, payload: Uint8Array.of(1) })
    expect(received).toEqual([
      ['text', utf8('hé')],
      ['binary', Uint8Array.of(1)],
    ])
    end.connection.terminate()
  })

  test('closes with 1007 when a text is not valid UTF-8', async () => {
    const end = new ConnectionEnd({}, { textAsBytes: true }).open()
    await end.receive({ opcode: Opcode.text, payload: Uint8Array.of(0xff) })
    expect(end.frames).toEqual(['close 1007 text is not UTF-8 (RFC 6455 §8.1)'])
    end.connection.terminate()
  })

  test('delivers the messages of a session as bytes', async () => {
    const received: unknown[] = []
    const end = new ConnectionEnd(
      {
        async session(socket) {
          for await (const message of socket) received.push(message)
        },
      },
      { textAsBytes: true },
    ).open()
    await end.receive(text('a'))
    expect(received).toEqual([utf8('a')])
    end.connection.terminate()
  })

  test('leaves the pieces of a streamed text strings', async () => {
    let whole = ''
    const end = new ConnectionEnd(
      {
        async stream(_, message) {
          for await (const piece of message) whole += String(piece)
        },
      },
      { textAsBytes: true },
    ).open()
    await end.receive(text('hé'))
    expect(whole).toBe('hé')
    end.connection.terminate()
  })
})
