// RFC 6455, section by section. What a peer sends is a vector: each runs whole, byte by byte and cut at random, alone and with
// more bytes behind it, told whole and in pieces, and held at every event; the same bytes give the same events (I6). What we
// send, and what the transport shall do, stands in tests below.

import { decodeFrames, Opcode, ProtocolError } from '@ws/frame'
import { concat, hex, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { checkLimits, mayTravel } from '../src/index.ts'
import { binary, close, End, type EndOptions, more, peerOf, ping, ROLES, settled, text, wire } from './end.ts'
import { SECTIONS, type Vector, vectors, withTail } from './vectors.ts'
import { XorExtension } from './xor.ts'

const WAYS: [string, () => EndOptions][] = [
  ['told whole', () => ({})],
  ['told in pieces', () => ({ streamed: true })],
  ['held at every event', () => ({ on: (_, protocol) => protocol.hold() })],
  ['beside an extension', () => ({ extension: new XorExtension() })],
]

function run({ role, limits, section }: Vector, segments: readonly Uint8Array[], options: EndOptions): End {
  // Without an extension there is no bit that one could mean.
  const { extension, ...rest } = options
  const end = new End(role, { ...rest, limits, ...(section === '§5.8' ? {} : { extension }) })
  for (const segment of segments) end.protocol.receive(segment)
  while (end.protocol.held) end.protocol.resume()
  return end
}

describe.each(Object.entries(SECTIONS))('RFC 6455 %s %s', section => {
  const own = vectors.filter(vector => vector.section === section)

  describe.each(own)('$role: $name', vector => {
    describe.each(WAYS)('%s', (_, createOptions) => {
      test.each([
        ['however it is cut', vector],
        ['and with bytes behind it', withTail(vector)],
      ])('%s', (__, given) => {
        for (const { name, segments } of segmentations(given.bytes)) {
          const end = run(given, segments, createOptions())
          expect(end.events, name).toEqual(given.events)
          expect(end.written(), name).toEqual(given.written)
        }
      })
    })
  })
})

test('every section has vectors for both ends', () => {
  for (const section of Object.keys(SECTIONS)) {
    const roles = vectors.filter(vector => vector.section === section).map(vector => vector.role)
    expect(new Set(roles).size, section).toBe(2)
  }
})

describe.each(ROLES)('a %s that sends', role => {
  const other = peerOf(role)
  const frames = (end: End) => decodeFrames(other, concat(...end.protocol.takeOutput())).frames

  describe('RFC 6455 §5.1, §5.5.1, §6.1: who masks', () => {
    test('"the frame(s) MUST be masked" if and only if they are sent by the client', () => {
      const end = new End(role)
      end.protocol.send('text')
      end.protocol.send(utf8('binary'))
      end.protocol.ping()
      end.receive(ping('x'))
      end.protocol.close(1000)
      const written = frames(end)
      expect(written).toHaveLength(5)
      expect(written.every(frame => (frame.maskingKey !== undefined) === (role === 'client'))).toBe(true)
    })

    test('"The masking key … is chosen at random by the client", for each frame', () => {
      const end = new End(role)
      for (let i = 0; i < 50; i++) end.protocol.send('x')
      const keys = new Set(frames(end).map(frame => frame.maskingKey))
      if (role === 'client') expect(keys.size).toBeGreaterThan(45)
      else expect([...keys]).toEqual([undefined])
    })

    test('"The fragments of one message MUST NOT be interleaved between the fragments of another message"', () => {
      const end = new End(role)
      const [one, two] = [end.protocol.stream('text')!, end.protocol.stream('text')!]
      two.write('c')
      one.write('a')
      end.protocol.send('e')
      two.end('d')
      one.end('b')
      expect(end.written()).toEqual(['text …: a', 'more: b', 'text …: c', 'more: d', 'text: e'])
    })
  })

  describe('RFC 6455 §5.5.1: Close', () => {
    test('C6: "The application MUST NOT send any more data frames after sending a Close frame"', () => {
      const end = new End(role)
      const stream = end.protocol.stream('text')!
      stream.write('begun')
      end.protocol.close(1000)
      expect([end.protocol.send('x'), stream.write('x'), stream.end()]).toEqual([false, false, false])
      // §1.4: "After sending a control frame indicating the connection should be closed, a peer does not send any further
      // data", and the peer would discard it: no Pong follows our Close either.
      end.receive(ping('x'), text('still heard'))
      expect(end.written()).toEqual(['text …: begun', 'close: 1000'])
      expect(end.events).toEqual(['ping: x', 'text: still heard'])
    })

    test('"An endpoint MAY delay sending a Close frame until its current message is sent": what was accepted', async () => {
      const end = new End(role, { extension: new XorExtension({ mode: 'later' }) })
      end.protocol.send('one')
      end.protocol.send('two')
      end.receive(close(1000))
      await settled()
      expect(frames(end).map(frame => frame.opcode)).toEqual([Opcode.text, Opcode.text, Opcode.close])
    })

    test('"After both sending and receiving a Close message, an endpoint … MUST close the underlying TCP connection"', () => {
      const closing: ((end: End) => void)[] = [
        end => end.receive(close(1000)),
        end => {
          end.protocol.close(1000)
          end.receive(close(1000))
        },
      ]
      for (const act of closing) {
        const end = new End(role)
        act(end)
        // "The server MUST close the underlying TCP connection immediately; the client SHOULD wait for the server"
        expect(end.protocol.transport).toBe(role === 'server' ? 'end' : 'open')
        end.protocol.receiveEnd()
        expect(end.protocol.transport).toBe('end')
      }
    })
  })

  describe('RFC 6455 §5.6, §8.1: text', () => {
    test('U6: a lone surrogate leaves as U+FFFD, never as bytes that are no UTF-8', () => {
      for (const extension of [undefined, new XorExtension()]) {
        const end = new End(role, { extension })
        end.protocol.send('a\ud800b\udc00')
        const stream = end.protocol.stream('text', { compress: false })!
        stream.write('\udc00')
        stream.end('\ud83d')
        const [whole, first, last] = frames(end)
        if (extension === undefined) expect(Buffer.from(whole!.payload)).toEqual(Buffer.from('a�b�'))
        expect(Buffer.from(concat(first!.payload, last!.payload)).toString()).toBe('��')
      }
    })
  })

  describe('RFC 6455 §6.1: sending data', () => {
    test('"The endpoint MUST ensure the WebSocket connection is in the OPEN state"', () => {
      for (const act of [
        (end: End) => end.protocol.close(1000),
        (end: End) => end.receive(close(1000)),
        (end: End) => end.receive({ opcode: 3 }),
        (end: End) => end.protocol.receiveEnd(),
        (end: End) => end.protocol.terminate(),
      ]) {
        const end = new End(role)
        act(end)
        end.protocol.takeOutput()
        expect(end.protocol.send('x')).toBe(false)
        expect(end.protocol.send(hex('00'))).toBe(false)
        expect(end.protocol.stream('text')).toBeUndefined()
        expect(end.protocol.takeOutput()).toEqual([])
      }
    })

    test('"The opcode … of the first frame … MUST be set", "The FIN bit … of the last frame … MUST be set to 1"', () => {
      const end = new End(role)
      end.protocol.send('whole')
      for (const type of ['text', 'binary'] as const) {
        const piece = type === 'text' ? 'x' : hex('78')
        const stream = end.protocol.stream(type)!
        stream.write(piece)
        stream.write(piece)
        stream.end(piece)
      }
      expect(frames(end).map(({ opcode, fin }) => [opcode, fin])).toEqual([
        [1, true],
        ...[1, 2].flatMap(opcode => [
          [opcode, false],
          [0, false],
          [0, true],
        ]),
      ])
    })

    test('"in all cases, the minimal number of bytes MUST be used to encode the length" (§5.2)', () => {
      const end = new End(role)
      const sizes = [0, 125, 126, 65_535, 65_536]
      for (const size of sizes) end.protocol.send(new Uint8Array(size))
      const written = frames(end)
      expect(written.map(frame => [frame.payloadLength, frame.lengthSize])).toEqual(
        [0, 0, 2, 2, 8].map((lengthSize, i) => [sizes[i], lengthSize]),
      )
    })
  })

  describe('RFC 6455 §7.1: how a connection ends', () => {
    test('§7.1.1: "the server … SHOULD" close the TCP connection first; a client waits', () => {
      const end = new End(role)
      end.protocol.close(1000)
      expect(end.protocol.transport).toBe('open')
      end.receive(close(1000))
      expect(end.protocol.transport).toBe(role === 'server' ? 'end' : 'open')
    })

    test('§7.1.2: "an endpoint MUST send a Close control frame … whose status code is … /code/ and … reason is … /reason/"', () => {
      const end = new End(role)
      end.protocol.close(4321, 'why not')
      expect(end.written()).toEqual(['close: 4321 why not'])
    })

    test('§7.1.3: "Upon either sending or receiving a Close control frame … in the CLOSING state"', () => {
      const ours = new End(role)
      ours.protocol.close()
      expect(ours.protocol.state).toBe('closing')
      const theirs = new End(role)
      theirs.receive(close())
      // The echo leaves at once, so the handshake is over with it.
      expect(theirs.protocol.state).toBe('closed')
      expect(theirs.written()).toEqual(['close: 1005'])
    })

    test('§7.1.4: closed "_cleanly_" if and only if the closing handshake was completed', () => {
      const clean = (act: (end: End) => void) => {
        const end = new End(role)
        act(end)
        end.protocol.receiveEnd()
        expect(end.reports).toHaveLength(1)
        return end.reports[0]!.clean
      }
      expect(clean(end => end.receive(close(1000)))).toBe(true)
      expect(
        clean(end => {
          end.protocol.close()
          end.receive(close())
        }),
      ).toBe(true)
      expect(clean(() => undefined)).toBe(false)
      expect(clean(end => end.protocol.close(1000))).toBe(false)
      expect(clean(end => end.receive({ opcode: 3 }))).toBe(false)
      expect(clean(end => end.protocol.terminate())).toBe(false)
      expect(clean(end => end.protocol.fail(new Error('ours')))).toBe(false)
    })

    test('§7.1.5: "no Close control frame was received … considered to be 1006"', () => {
      for (const rest of [
        hex(''),
        wire(role, text('part', { fin: false })),
        wire(role, text('cut')).slice(0, -1),
      ]) {
        const end = new End(role)
        end.protocol.receive(rest)
        end.protocol.receiveEnd()
        expect(end.events).toEqual(['closed abnormally by network: 1006'])
      }
    })

    test('§7.1.7: "the endpoint SHOULD send a Close frame with an appropriate status code", and only one', () => {
      const end = new End(role)
      end.protocol.fail(new ProtocolError(1003, 'bytes are of no use here'))
      end.protocol.fail(new ProtocolError(1008, 'again'))
      end.receive({ opcode: 3 })
      expect(end.written()).toEqual(['close: 1003 bytes are of no use here'])
    })
  })

  describe('RFC 6455 §7.4: status codes', () => {
    test('C11: 1005, 1006 and 1015 "MUST NOT be set as a status code in a Close control frame by an endpoint"', () => {
      for (let code = 0; code <= 5100; code++) {
        const end = new End(role)
        if (mayTravel(code)) end.protocol.close(code)
        else expect(() => end.protocol.close(code)).toThrow(RangeError)
        expect(end.written()).toEqual(mayTravel(code) ? [`close: ${code}`] : [])
      }
    })

    test('C12: each of our own faults has its code', () => {
      const tooBig = new End(role, { limits: checkLimits({ maxMessageSize: 1 }) })
      tooBig.receive(text('xy'))
      const policy = new End(role, { limits: checkLimits({ maxFragments: 1 }) })
      policy.receive(text('x', { fin: false }), more('y'))
      const handler = new End(role, {
        on: event => {
          if (event === 'text: x') throw new TypeError('handler')
        },
      })
      handler.receive(text('x'))
      const textOnly = new End(role, {
        on: (event, protocol) => {
          if (event.startsWith('binary')) protocol.close(1003)
        },
      })
      textOnly.receive(binary(hex('00')))
      const codes = [tooBig, policy, handler, textOnly].map(end => end.written()[0]?.slice(0, 11))
      expect(codes).toEqual(['close: 1009', 'close: 1008', 'close: 1011', 'close: 1003'])
    })
  })

  describe('RFC 6455 §10.4: limits', () => {
    test('G6: a message of 65,536 fragments is legal; 131,073 are too many', () => {
      const end = new End(role)
      end.receive(text('x', { fin: false }))
      const fragment = wire(role, more('x', { fin: false }))
      for (let i = 1; i < 65_535; i++) end.protocol.receive(fragment.slice())
      end.receive(more('x'))
      expect(end.last).toBe('x'.repeat(65_536))

      end.receive(text('x', { fin: false }))
      for (let i = 1; i < 131_072; i++) end.protocol.receive(fragment.slice())
      expect(end.protocol.state).toBe('open')
      end.protocol.receive(fragment.slice())
      expect(end.reports).toMatchObject([{ code: 1008, by: 'local' }])
    })

    test('G7: so are 131,073 empty ones', () => {
      const end = new End(role)
      const fragment = wire(role, more('', { fin: false }))
      const empty = new Uint8Array(131_071 * fragment.length).map((_, i) => fragment[i % fragment.length]!)
      end.receive(binary(hex(''), { fin: false }))
      end.protocol.receive(empty)
      expect(end.protocol.state).toBe('open')
      end.receive(more('', { fin: false }))
      expect(end.reports).toMatchObject([{ code: 1008 }])
    })

    test('G9: a stream has the same limits, with the size it wants', () => {
      const told: string[] = []
      const end = new End(role, {
        streamed: true,
        maxSize: 4,
        limits: checkLimits({ maxFragments: 3 }),
        on: event => told.push(event),
      })
      end.receive(text('ab', { fin: false }), more('cd', { fin: false }), more(''))
      end.receive(text('ab', { fin: false }), more('cd', { fin: false }), more('e'))
      expect(told.slice(0, 3)).toEqual(['piece: ab', 'piece: cd', 'text: abcd'])
      expect(told.slice(3, 6)).toEqual(['piece: ab', 'piece: cd', 'abort'])
      expect(end.reports).toMatchObject([{ code: 1009 }])

      const many = new End(role, { streamed: true, limits: checkLimits({ maxFragments: 3 }) })
      many.receive(text('a', { fin: false }), ...Array.from({ length: 3 }, () => more('', { fin: false })))
      expect(many.reports).toMatchObject([{ code: 1008 }])

      const larger = new End(role, {
        streamed: true,
        maxSize: 2000,
        limits: checkLimits({ maxMessageSize: 10 }),
      })
      larger.receive(binary(new Uint8Array(2000)))
      expect(larger.last).toHaveLength(2000)
    })
  })
})
