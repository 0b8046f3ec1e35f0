// RFC 6455 by section. Each vector of received frames runs whole, byte by byte and cut at random,
// with and without more bytes behind it, whole and streamed, paused and looked ahead. Tests of
// sending and of the transport are below.
//
// docs/conformance.md lists every MUST of §4 to §8 with the test that proves it.

import { decodeFrames, Opcode, ProtocolError } from '@ws/frame'
import { concat, hex, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test, vi } from 'vitest'
import { checkLimits, DEFAULT_LIMITS, isSendableCloseCode } from '../src/index.ts'
import { binary, close, End, type EndOptions, more, peerOf, ping, ROLES, settled, text, wire } from './end.ts'
import { SECTIONS, type Vector, vectors, withTail } from './vectors.ts'
import { XorExtension } from './xor.ts'

const WAYS: [string, () => EndOptions][] = [
  ['told whole', () => ({})],
  ['told in pieces', () => ({ streamed: true })],
  ['paused at every event', () => ({ on: (_, protocol) => protocol.pause() })],
  ['paused at every event and looked ahead', () => ({ scan: true, on: (_, protocol) => protocol.pause() })],
  ['beside an extension', () => ({ extension: new XorExtension() })],
]

/** There is no extension without reserved bits. */
const MEANS_NO_BITS: ReadonlySet<string> = new Set(['§5.2', '§5.8'])

function run({ role, limits, section }: Vector, segments: readonly Uint8Array[], options: EndOptions): End {
  const { extension, ...rest } = options
  const end = new End(role, { ...rest, limits, ...(MEANS_NO_BITS.has(section) ? {} : { extension }) })
  for (const segment of segments) end.protocol.receive(segment)
  while (end.protocol.isPaused) end.protocol.resume()
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
          const options = createOptions()
          const end = run(given, segments, options)
          expect(end.events, name).toEqual(given.events)
          // A scan answers only the newest of the pings that it finds, see look-ahead.test.ts.
          const isExpected = (line: string) => options.scan !== true || !line.startsWith('pong')
          expect(end.written().filter(isExpected), name).toEqual(given.written.filter(isExpected))
        }
      })
    })
  })
})

test('all sections have vectors for both roles', () => {
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

    test('§5.3: "the masking key MUST be derived from a strong source of entropy": it is what the platform’s gives', () => {
      const source = vi.spyOn(crypto, 'getRandomValues')
      source.mockImplementation(array => {
        ;(array as Uint32Array)[0] = 0xfeed_0000 + source.mock.calls.length
        return array
      })
      const end = new End(role)
      end.protocol.send('one')
      end.protocol.ping()
      source.mockRestore()
      const keys = role === 'client' ? [0xfeed_0001, 0xfeed_0002] : [undefined, undefined]
      expect(frames(end).map(frame => frame.maskingKey)).toEqual(keys)
    })
  })

  describe('RFC 6455 §5.2: reserved bits', () => {
    test('"MUST be 0 unless an extension is negotiated": of every kind of frame', () => {
      const end = new End(role)
      const stream = end.protocol.stream('binary')!
      stream.write(hex('00'))
      end.protocol.ping()
      end.protocol.pong()
      stream.end()
      end.protocol.send('text')
      end.receive(ping('x'))
      end.protocol.close(1000)
      const written = frames(end)
      expect(written.map(frame => frame.opcode)).toEqual([2, 9, 10, 0, 1, 10, 8])
      expect(written.map(frame => frame.rsv)).toEqual([0, 0, 0, 0, 0, 0, 0])
    })
  })

  describe('RFC 6455 §5.4: fragments', () => {
    test('"senders and receivers must not depend on the presence of specific frame boundaries": wherever it is cut', () => {
      const payload = utf8('a€😀')
      for (let first = 0; first <= payload.length; first++) {
        for (let second = first; second <= payload.length; second++) {
          const end = new End(role)
          const opening = { opcode: Opcode.text, payload: payload.subarray(0, first), fin: false }
          end.receive(
            opening,
            more(payload.slice(first, second), { fin: false }),
            more(payload.slice(second)),
          )
          expect(end.events, `${first}, ${second}`).toEqual(['text: a€😀'])
        }
      }
    })

    test('"The fragments of one message MUST NOT be interleaved between the fragments of another message": ours', () => {
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

  describe('RFC 6455 §5.5: control frames', () => {
    test('"All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented": ours', () => {
      const end = new End(role)
      expect(() => end.protocol.ping(new Uint8Array(126))).toThrow('§5.5')
      expect(() => end.protocol.pong(new Uint8Array(126))).toThrow('§5.5')
      expect(() => end.protocol.close(1000, 'x'.repeat(124))).toThrow('§5.5')
      end.protocol.ping(new Uint8Array(125))
      end.protocol.pong(new Uint8Array(125))
      end.receive(ping('x'.repeat(125)))
      end.protocol.close(1000, 'x'.repeat(123))
      expect(frames(end).map(({ opcode, fin, payloadLength }) => [opcode, fin, payloadLength])).toEqual(
        [9, 10, 10, 8].map(opcode => [opcode, true, 125]),
      )
    })

    test('"An endpoint MUST be capable of handling control frames in the middle of a fragmented message": also of our messages', () => {
      const end = new End(role)
      const stream = end.protocol.stream('text')!
      stream.write('a')
      end.receive(ping('1'))
      stream.write('b')
      end.protocol.ping(utf8('2'))
      stream.end('c')
      expect(end.written()).toEqual(['text …: a', 'pong: 1', 'more …: b', 'ping: 2', 'more: c'])
    })
  })

  describe('RFC 6455 §5.5.1: Close', () => {
    test('C6: "The application MUST NOT send any more data frames after sending a Close frame"', () => {
      const end = new End(role)
      const stream = end.protocol.stream('text')!
      stream.write('begun')
      end.protocol.close(1000)
      expect([end.protocol.send('x'), stream.write('x'), stream.end()]).toEqual([false, false, false])
      // §1.4: "After sending a control frame indicating the connection should be closed, a peer
      // does not send any further data". No Pong follows our Close either.
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
        // "The server MUST close the underlying TCP connection immediately; the client SHOULD wait
        // for the server"
        expect(end.protocol.transportAction).toBe(role === 'server' ? 'end' : 'open')
        end.protocol.receiveEnd()
        expect(end.protocol.transportAction).toBe('end')
      }
    })
  })

  describe('RFC 6455 §5.6, §8.1: text', () => {
    test('U6: a lone surrogate is sent as U+FFFD, never as invalid UTF-8', () => {
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

    test('"If at any point the state of the WebSocket connection changes, the endpoint MUST abort the following steps"', () => {
      for (const act of [
        (end: End) => end.receive(close(1000)),
        (end: End) => end.receive({ opcode: 3 }),
        (end: End) => end.protocol.receiveEnd(),
        (end: End) => end.protocol.terminate(),
      ]) {
        const end = new End(role)
        const stream = end.protocol.stream('text')!
        stream.write('begun')
        end.protocol.takeOutput()
        act(end)
        expect([stream.write('x'), stream.end('y')]).toEqual([false, false])
        expect(end.written().filter(frame => !frame.startsWith('close'))).toEqual([])
      }
    })

    test('"The frame(s) that have been formed MUST be transmitted": all that was accepted, once, in order', () => {
      const end = new End(role)
      const expected: string[] = []
      for (let i = 0; i < 300; i++) {
        expect(end.protocol.send(`${i}`)).toBe(true)
        expected.push(`text: ${i}`)
      }
      const before = end.written()
      end.protocol.send('last')
      expect([...before, ...end.written()]).toEqual([...expected, 'text: last'])
      expect(end.written()).toEqual([])
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
      expect(end.protocol.transportAction).toBe('open')
      end.receive(close(1000))
      expect(end.protocol.transportAction).toBe(role === 'server' ? 'end' : 'open')
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
      // The echo is sent at once, which completes the handshake.
      expect(theirs.protocol.state).toBe('closed')
      expect(theirs.written()).toEqual(['close: 1005'])
    })

    test('§7.1.4: closed "_cleanly_" if and only if the closing handshake was completed', () => {
      const wasClean = (act: (end: End) => void) => {
        const end = new End(role)
        act(end)
        end.protocol.receiveEnd()
        expect(end.reports).toHaveLength(1)
        return end.reports[0]!.wasClean
      }
      expect(wasClean(end => end.receive(close(1000)))).toBe(true)
      expect(
        wasClean(end => {
          end.protocol.close()
          end.receive(close())
        }),
      ).toBe(true)
      expect(wasClean(() => undefined)).toBe(false)
      expect(wasClean(end => end.protocol.close(1000))).toBe(false)
      expect(wasClean(end => end.receive({ opcode: 3 }))).toBe(false)
      expect(wasClean(end => end.protocol.terminate())).toBe(false)
      expect(wasClean(end => end.protocol.fail(new Error('ours')))).toBe(false)
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

    test('§7.1.7: "the client MUST _Close the WebSocket Connection_", "the server MUST _Close the WebSocket Connection_"', () => {
      const end = new End(role)
      end.protocol.tick(0)
      end.receive({ opcode: 3 })
      end.protocol.tick(1)
      expect(end.written()).toHaveLength(1)
      // "when a client is instructed to do the same, it SHOULD wait for a TCP Close from the
      // server", but not forever.
      expect(end.protocol.transportAction).toBe(role === 'server' ? 'end' : 'open')
      end.protocol.tick(1 + DEFAULT_LIMITS.closeTimeout)
      expect(end.protocol.transportAction).toBe('destroy')
    })

    test('§7.1.7: "MUST NOT continue to attempt to process data": not even bytes queued when it failed', () => {
      const end = new End(role)
      end.protocol.pause()
      end.receive(text('held'), ping('held'), close(1000))
      end.protocol.fail(new ProtocolError('enough', { code: 'ERR_WS_TEST', closeCode: 1008 }))
      end.protocol.resume()
      expect(end.events).toEqual(['closed abnormally by local: 1008 enough'])
      expect(end.written()).toEqual(['close: 1008 enough'])
    })

    test('§7.2.1: "If at any point the underlying transport layer connection is unexpectedly lost"', () => {
      const end = new End(role)
      end.receive(text('half', { fin: false }))
      const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
      end.protocol.receiveEnd(cause)
      expect(end.reports).toEqual([{ code: 1006, reason: '', wasClean: false, by: 'network', cause }])
      expect(end.protocol.transportAction).toBe('end')
      expect(end.written()).toEqual([])
    })

    test('§7.1.7: "the endpoint SHOULD send a Close frame with an appropriate status code", and only one', () => {
      const end = new End(role)
      end.protocol.fail(
        new ProtocolError('bytes are of no use here', {
          code: 'ERR_WS_TEST',
          closeCode: 1003,
        }),
      )
      end.protocol.fail(new ProtocolError('again', { code: 'ERR_WS_TEST', closeCode: 1008 }))
      end.receive({ opcode: 3 })
      expect(end.written()).toEqual(['close: 1003 bytes are of no use here'])
    })
  })

  describe('RFC 6455 §7.4: status codes', () => {
    test('C11: 1005, 1006 and 1015 "MUST NOT be set as a status code in a Close control frame by an endpoint"', () => {
      for (let code = 0; code <= 5100; code++) {
        const end = new End(role)
        if (isSendableCloseCode(code)) end.protocol.close(code)
        else expect(() => end.protocol.close(code)).toThrow(RangeError)
        expect(end.written()).toEqual(isSendableCloseCode(code) ? [`close: ${code}`] : [])
      }
    })

    test('C3, C4: exactly the codes that can be sent are accepted, of all up to 5,100 and some above', () => {
      const accepted: number[] = []
      for (let code = 0; code <= 0xffff; code += code < 5100 ? 1 : 255) {
        const end = new End(role)
        end.receive(close(code))
        if (end.reports[0]!.wasClean) accepted.push(code)
      }
      expect(accepted.filter(code => code < 3000)).toEqual([
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
      ])
      expect(accepted.filter(code => code >= 3000)).toEqual(Array.from({ length: 2000 }, (_, i) => 3000 + i))
    })

    test('C12: each kind of fault has its code', () => {
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
    test('G6: a message of 65,536 fragments is accepted, and 131,073 get 1008', () => {
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

    test('G7: 131,073 empty fragments get 1008', () => {
      const end = new End(role)
      const fragment = wire(role, more('', { fin: false }))
      const empty = new Uint8Array(131_071 * fragment.length).map((_, i) => fragment[i % fragment.length]!)
      end.receive(binary(hex(''), { fin: false }))
      end.protocol.receive(empty)
      expect(end.protocol.state).toBe('open')
      end.receive(more('', { fin: false }))
      expect(end.reports).toMatchObject([{ code: 1008 }])
    })

    test('G9: a stream has the same limits, with its own maxSize', () => {
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
