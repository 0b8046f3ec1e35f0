import { ProtocolError } from '@ws/frame'
import { concat, hex, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { binary, close, End, type EndOptions, more, ping, pong, settled, text, wire } from '../../test/end.ts'
import { RSV1, turn, XorExtension } from '../../test/xor.ts'
import { checkLimits } from '../limits.ts'
import { Protocol } from '../protocol.ts'

const turned = (message: string) => turn(utf8(message))
const xor = (message: string) => ({ ...text(''), payload: turned(message), rsv: RSV1 })

/** An end that pauses at each event that starts with `at`. */
function holding(at: string, options: EndOptions = {}): End {
  return new End('server', {
    ...options,
    on: (event, protocol) => {
      if (event.startsWith(at)) protocol.pause()
    },
  })
}

describe('pause', () => {
  test('in a message event stops after it, and resume continues', () => {
    const end = holding('text')
    end.receive(text('one'), text('two'), ping('p'), text('three'), close(1000))
    expect(end.events).toEqual(['text: one'])
    expect(end.protocol.isPaused).toBe(true)
    end.protocol.resume()
    expect(end.events).toEqual(['text: one', 'text: two'])
    end.protocol.resume()
    expect(end.events.slice(2)).toEqual(['ping: p', 'text: three'])
    end.protocol.resume()
    expect(end.events.slice(4)).toEqual(['closed cleanly by peer: 1000'])
    expect(end.protocol.isPaused).toBe(false)
  })

  test('can be repeated, and undone at once', () => {
    const end = new End('server', {
      on: (_, protocol) => {
        protocol.pause()
        protocol.resume()
      },
    })
    end.receive(text('one'), text('two'))
    expect(end.events).toEqual(['text: one', 'text: two'])
    end.protocol.pause()
    end.protocol.pause()
    end.receive(text('three'))
    expect(end.events).toHaveLength(2)
    end.protocol.resume()
    expect(end.events).toHaveLength(3)
    end.protocol.resume()
    expect(end.events).toHaveLength(3)
  })

  test('stops after a ping, a pong and a buffered message', () => {
    for (const at of ['ping', 'pong', 'text: gathered']) {
      const end = holding(at)
      end.receive(text('ga', { fin: false }), ping('1'), pong('2'), more('thered'), text('last'))
      expect(end.events.at(-1)).toMatch(at)
      expect(end.events).not.toContain('text: last')
      end.protocol.resume()
      expect(end.events).toEqual(['ping: 1', 'pong: 2', 'text: gathered', 'text: last'])
    }
  })

  test('in a piece of a stream stops after that piece', () => {
    const pieces: string[] = []
    const end = new End('server', {
      streamed: true,
      on: (event, protocol) => {
        pieces.push(event)
        if (event.startsWith('piece')) protocol.pause()
      },
    })
    end.receive(text('a', { fin: false }), more('b', { fin: false }), more('c'), text('d'))
    expect(pieces).toEqual(['piece: a'])
    end.protocol.resume()
    end.protocol.resume()
    expect(pieces).toEqual(['piece: a', 'piece: b', 'piece: c', 'text: abc'])
    end.protocol.resume()
    expect(pieces.slice(4)).toEqual(['piece: d', 'text: d'])
  })

  test('queues bytes in order, and counts them', () => {
    const end = new End('server')
    end.protocol.pause()
    expect(end.protocol.unreadLength).toBe(0)
    const bytes = wire('server', text('one'), text('two'), text('three'))
    let length = 0
    for (const byte of bytes) {
      end.protocol.receive(Uint8Array.of(byte))
      expect(end.protocol.unreadLength).toBe(++length)
    }
    expect(end.events).toEqual([])
    end.protocol.resume()
    expect(end.events).toEqual(['text: one', 'text: two', 'text: three'])
    expect(end.protocol.unreadLength).toBe(0)
  })

  test('queues the rest of a chunk before later bytes', () => {
    const end = holding('text')
    const [one, two] = [wire('server', text('one')), wire('server', text('two'))]
    end.protocol.receive(concat(one, two))
    expect(end.protocol.unreadLength).toBe(two.length)
    end.receive(text('three'))
    expect(end.protocol.unreadLength).toBe(two.length + 11)
    end.protocol.resume()
    expect(end.protocol.unreadLength).toBe(11)
    end.protocol.resume()
    expect(end.events).toEqual(['text: one', 'text: two', 'text: three'])
    expect(end.protocol.unreadLength).toBe(0)
  })

  test('L6: delays the events of a Close and of the end behind messages', () => {
    const end = new End('server')
    end.protocol.pause()
    for (let i = 0; i < 10; i++) end.receive(text(`${i}`))
    end.receive(close(4000, 'done'))
    expect(end.protocol.state).toBe('open')
    end.protocol.receiveEnd()
    expect(end.events).toEqual([])
    expect(end.protocol.state).toBe('closing')
    end.protocol.resume()
    expect(end.events).toHaveLength(11)
    expect(end.events.at(-1)).toBe('closed cleanly by peer: 4000 done')
    expect(end.written()).toEqual(['close: 4000 done'])
  })

  test('delays the end and its cause', () => {
    const end = holding('text')
    const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    end.receive(text('one'))
    end.protocol.receiveEnd(cause)
    expect(end.events).toEqual(['text: one'])
    end.protocol.resume()
    expect(end.events).toEqual(['text: one', 'closed abnormally by network: 1006'])
    expect(end.reports).toMatchObject([{ cause }])
  })

  test('delays a fault behind earlier messages', () => {
    const end = holding('text')
    end.receive(text('one'), { opcode: 3 })
    expect(end.protocol.state).toBe('open')
    end.protocol.resume()
    expect(end.reports).toMatchObject([{ code: 1002 }])
  })

  test('T11: delivers 10,000 empty texts of one chunk one by one', () => {
    const end = holding('text')
    end.receive(...Array.from({ length: 10_000 }, () => text('')))
    for (let i = 1; i <= 10_000; i++) {
      expect(end.events.length).toBe(i)
      end.protocol.resume()
    }
    expect(end.protocol.unreadLength).toBe(0)
  })

  test('stops the deadline of a message', () => {
    const end = new End('server', { limits: checkLimits({ messageTimeout: 100 }) })
    end.receive(text('begun', { fin: false }))
    end.protocol.tick(0)
    end.protocol.pause()
    end.receive(more(' and ended'))
    end.protocol.tick(5000)
    end.protocol.resume()
    expect(end.events).toEqual(['text: begun and ended'])
    end.receive(text('begun', { fin: false }))
    end.protocol.tick(6000)
    end.protocol.tick(6100)
    expect(end.reports).toMatchObject([{ code: 1008, by: 'local' }])
    expect(end.written()).toEqual(['close: 1008 message not complete after 100 ms (RFC 6455 §10.4)'])
  })
})

describe('a call from an event', () => {
  /** Calls `act` once, at the first event that starts with `at`. */
  function doing(at: string, act: (protocol: Protocol) => void, options: EndOptions = {}): End {
    let done = false
    return new End('server', {
      ...options,
      on: (event, protocol) => {
        if (done || !event.startsWith(at)) return
        done = true
        act(protocol)
      },
    })
  }
  const frames = [text('fi', { fin: false }), ping('p'), more('rst'), pong('q'), text('second'), close(1000)]
  const events = ['ping: p', 'text: first', 'pong: q', 'text: second', 'closed cleanly by peer: 1000']
  const places = ['ping', 'text: first', 'pong', 'text: second', 'piece: fi', 'piece: rst', 'piece: second']
  const inside = places.map(place => ({ place, streamed: place.startsWith('piece') }))

  test.each(inside)('$place: receive queues bytes behind the current chunk', ({ place, streamed }) => {
    const end = doing(place, protocol => protocol.receive(wire('server', text('late'))), { streamed })
    end.receive(...frames.slice(0, -1))
    expect(end.events).toEqual([...events.slice(0, -1), 'text: late'])
  })

  test.each(inside)('$place: receiveEnd is reported after all events before it', ({ place, streamed }) => {
    const end = doing(place, protocol => protocol.receiveEnd(), { streamed })
    end.receive(...frames.slice(0, -1))
    expect(end.events).toEqual([...events.slice(0, -1), 'closed abnormally by network: 1006'])
  })

  test.each(inside)(
    '$place: pause and resume work with bytes and the end in between',
    ({ place, streamed }) => {
      const end = doing(
        place,
        protocol => {
          protocol.pause()
          protocol.receive(wire('server', text('late')))
          protocol.receiveEnd()
          protocol.resume()
        },
        { streamed },
      )
      end.receive(...frames.slice(0, -1))
      expect(end.events).toEqual([...events.slice(0, -1), 'text: late', 'closed abnormally by network: 1006'])
    },
  )

  test.each(inside)('$place: send and ping write at that point', ({ place, streamed }) => {
    const end = doing(
      place,
      protocol => {
        protocol.send('answer')
        protocol.ping()
      },
      { streamed },
    )
    end.receive(...frames)
    expect(end.events).toEqual(events)
    const [before, after] = place === 'piece: fi' ? [[], ['pong: p']] : [['pong: p'], []]
    expect(end.written()).toEqual([...before, 'text: answer', 'ping:', ...after, 'close: 1000'])
  })

  test.each(inside)(
    '$place: close; what the peer sent before its answer still comes',
    ({ place, streamed }) => {
      const end = doing(place, protocol => protocol.close(4000), { streamed })
      end.receive(...frames)
      expect(end.events).toEqual([...events.slice(0, -1), 'closed cleanly by local: 1000'])
      expect(end.written().at(-1)).toBe('close: 4000')
    },
  )

  test.each(inside)('$place: terminate and fail end the connection at that point', ({ place, streamed }) => {
    for (const act of ['terminate', 'fail'] as const) {
      const told: string[] = []
      const end: End = new End('server', {
        streamed,
        on: (event, protocol) => {
          told.push(event)
          if (event.startsWith(place)) protocol[act](new Error('enough'))
        },
      })
      end.receive(...frames)
      const wholePiece = place.startsWith('piece')
      expect(told.filter(event => event === 'abort')).toHaveLength(
        wholePiece || (streamed && place === 'ping') ? 1 : 0,
      )
      expect(told.at(-1)).toBe(
        `closed abnormally by local: ${act === 'fail' ? '1011 internal error' : '1006'}`,
      )
      expect(end.reports).toHaveLength(1)
      end.receive(text('ignored'))
      end.protocol.receiveEnd()
      expect(told.at(-1)).toMatch('closed')
    }
  })

  test.each(inside)(
    '$place: an exception closes with 1011 and is the cause of the cause',
    ({ place, streamed }) => {
      const error = new Error('bug of a handler')
      const end = doing(
        place,
        () => {
          throw error
        },
        { streamed },
      )
      end.receive(...frames)
      expect(end.reports).toMatchObject([
        { code: 1011, wasClean: false, by: 'local', cause: { cause: error } },
      ])
      expect(end.written().at(-1)).toBe('close: 1011 internal error')
      expect(end.events.at(-1)).toBe('closed abnormally by local: 1011 internal error')
    },
  )

  test('an exception after our Close does not send a second Close', () => {
    const end = doing('text', protocol => {
      protocol.close(1000)
      throw new Error('bug')
    })
    end.receive(text('x'), text('y'))
    expect(end.written()).toEqual(['close: 1000'])
    expect(end.events).toEqual(['text: x', 'closed abnormally by local: 1011 internal error'])
  })

  test('close: nothing can be sent, paused or reported again', () => {
    const said: unknown[] = []
    const end = doing('closed', protocol => {
      said.push(protocol.send('x'), protocol.ping(), protocol.stream('text'), protocol.state)
      protocol.close(1000)
      protocol.pause()
      protocol.resume()
      protocol.receive(wire('server', text('x')))
      protocol.receiveEnd()
      protocol.fail(new Error('x'))
      protocol.terminate()
    })
    end.receive(close(1000), text('after'))
    expect(said).toEqual([false, false, undefined, 'closed'])
    expect(end.events).toEqual(['closed cleanly by peer: 1000'])
    expect(end.written()).toEqual(['close: 1000'])
    expect(end.protocol).toMatchObject({ transportAction: 'destroy', isPaused: false })
  })

  test('stream: closing the connection aborts the stream that is returned', () => {
    for (const returned of [true, false]) {
      const told: string[] = []
      const end: End = new End('server', { on: event => told.push(event) })
      end.stream = () => {
        end.protocol.terminate()
        const tell = (what: string) => () => told.push(what)
        return returned ? { write: tell('write'), end: tell('end'), abort: tell('abort') } : undefined
      }
      end.receive(text('x'), text('y'))
      expect(told).toEqual(['closed abnormally by local: 1006', ...(returned ? ['abort'] : [])])
    }
  })

  test('stream: an exception or an invalid maxSize closes with 1011', () => {
    for (const wrong of [Number.NaN, -1, '9' as unknown as number]) {
      const told: string[] = []
      const end = new End('server', { streamed: true, maxSize: wrong, on: event => told.push(event) })
      end.receive(text('x'))
      expect(told).toEqual(['abort', 'closed abnormally by local: 1011 internal error'])
    }
    const end = new End('server')
    end.stream = () => {
      throw new Error('no room')
    }
    end.receive(text('x'))
    expect(end.reports).toMatchObject([{ code: 1011, cause: { message: 'no room' } }])
  })
})

describe('a stream', () => {
  test('is chosen message by message', () => {
    const told: string[] = []
    const end = new End('server')
    end.stream = type =>
      type === 'text'
        ? undefined
        : {
            write: piece => void told.push(Buffer.from(piece as Uint8Array).toString('hex')),
            end: () => void told.push('end'),
            abort: () => void told.push('abort'),
          }
    end.receive(binary(hex('0102')), text('whole'), binary(hex('03'), { fin: false }))
    expect(end.events).toEqual(['text: whole'])
    expect(told).toEqual(['0102', 'end', '03'])
    end.protocol.receiveEnd()
    expect(told.at(-1)).toBe('abort')
  })

  test('is aborted once, before the report', () => {
    const told: string[] = []
    const end = new End('server', { streamed: true, on: event => told.push(event) })
    end.receive(text('a', { fin: false }), close(1000))
    end.protocol.receiveEnd()
    expect(told).toEqual(['piece: a', 'abort', 'closed cleanly by peer: 1000'])
  })

  test('is aborted when its text ends inside a character', () => {
    const told: string[] = []
    const end = new End('server', { streamed: true, on: event => told.push(event) })
    end.receive({ opcode: 1, payload: hex('61e2'), fin: false }, { opcode: 0, payload: hex('82') })
    expect(told).toEqual([
      'piece: a',
      'abort',
      'closed abnormally by local: 1007 text is not UTF-8 (RFC 6455 §8.1)',
    ])
  })

  test('makes progress with each piece, or times out', () => {
    const end = new End('server', { streamed: true, limits: checkLimits({ messageTimeout: 100 }) })
    end.receive(text('a', { fin: false }))
    for (let now = 0; now < 1000; now += 90) {
      end.protocol.tick(now)
      end.receive(more('b', { fin: false }))
    }
    end.protocol.tick(1000)
    end.protocol.tick(1099)
    expect(end.protocol.state).toBe('open')
    end.protocol.tick(1100)
    expect(end.reports).toMatchObject([{ code: 1008 }])
  })

  test('gets bytes that do not keep a larger chunk alive', () => {
    const pieces: Uint8Array[] = []
    const end = new End('client')
    end.stream = () => ({ write: piece => void pieces.push(piece as Uint8Array), end() {}, abort() {} })
    const chunk = wire(
      'client',
      binary(new Uint8Array(10)),
      binary(new Uint8Array(10)),
      binary(new Uint8Array(10)),
    )
    end.protocol.receive(chunk)
    expect(pieces.every(piece => piece.buffer !== chunk.buffer)).toBe(true)
  })
})

describe('data passed to the sink', () => {
  test('has memory of its own in a binary message, and no more than it needs', () => {
    for (const size of [2, 60_000]) {
      const end = new End('server')
      end.receive(binary(new Uint8Array(size).fill(7)), text('and more'), binary(hex('0102')))
      const chunk = wire('server', binary(new Uint8Array(size).fill(7)))
      end.protocol.receive(chunk)
      expect(end.last).toEqual(new Uint8Array(size).fill(7))
      expect((end.last as Uint8Array).buffer.byteLength).toBe(size)
      expect((end.last as Uint8Array).constructor).toBe(Uint8Array)
    }
  })

  test('has memory of its own in a ping or pong', () => {
    const payloads: Uint8Array[] = []
    const protocol = new Protocol('server', {
      message: () => undefined,
      ping: payload => payloads.push(payload),
      pong: payload => payloads.push(payload),
      close: () => undefined,
    })
    const chunk = wire('server', ping('one'), pong('two'))
    protocol.receive(chunk)
    chunk.fill(0xa5)
    expect(payloads).toEqual([utf8('one'), utf8('two')])
  })

  test('is whole in a ping or pong, however it is cut', () => {
    for (const { name, segments } of segmentations(wire('server', ping('x'.repeat(125)), pong('')))) {
      const end = new End('server')
      for (const segment of segments) end.protocol.receive(segment)
      expect(end.events, name).toEqual([`ping: ${'x'.repeat(125)}`, 'pong:'])
    }
  })

  test('needs no event handlers but message and close', async () => {
    const told: unknown[] = []
    const protocol: Protocol = new Protocol(
      'server',
      { message: data => told.push(data), close: ({ code }) => told.push(code) },
      { extension: new XorExtension({ mode: 'later' }) },
    )
    protocol.receive(wire('server', ping(), pong(), text('plain'), xor('turned')))
    protocol.send('out')
    await settled()
    protocol.receive(wire('server', close()))
    expect(told).toEqual(['plain', 'turned', 1005])
  })
})

describe.each(['at once', 'later'] as const)('an extension that works %s', mode => {
  const create = (options: EndOptions = {}) => {
    const extension = new XorExtension({ mode })
    return { extension, end: new End('server', { extension, ...options }) }
  }

  test('delivers messages in order, transformed or not', async () => {
    const { end, extension } = create()
    end.receive(xor('one'), text('plain'), ping('p'), xor('two'), xor(''), close(1000))
    await settled()
    expect(end.events).toEqual([
      'text: one',
      'text: plain',
      'ping: p',
      'text: two',
      'text:',
      'closed cleanly by peer: 1000',
    ])
    expect(extension).toMatchObject({ closed: 1, late: 0 })
  })

  test('delivers a fragmented message in any segmentation', async () => {
    const bytes = wire(
      'server',
      { ...xor('aä€'), fin: false },
      ping('p'),
      more(turned(''), { fin: false }),
      more(turned('😀b'), { fin: false }),
      more(turned('')),
      text('next'),
    )
    for (const streamed of [false, true]) {
      for (const { name, segments } of segmentations(bytes)) {
        const { end } = create({ streamed })
        for (const segment of segments) end.protocol.receive(segment)
        for (let i = 0; i < bytes.length; i++) await settled()
        expect(end.events, name).toEqual(['ping: p', 'text: aä€😀b', 'text: next'])
      }
    }
  })

  test('can be paused: nothing is reported until resume, even if work settles', async () => {
    const { end } = create()
    end.protocol.pause()
    end.receive(xor('one'), xor('two'))
    await settled()
    expect(end.events).toEqual([])
    end.protocol.resume()
    end.protocol.pause()
    await settled()
    expect(end.events).toEqual(mode === 'later' ? [] : ['text: one', 'text: two'])
    end.protocol.receiveEnd()
    end.protocol.resume()
    await settled()
    expect(end.events).toEqual(['text: one', 'text: two', 'closed abnormally by network: 1006'])
  })

  test('stops after a message whose handler calls pause', async () => {
    const { end } = create({
      on: (_, protocol) => {
        protocol.pause()
        protocol.receive(wire('server', text('late')))
      },
    })
    end.receive(xor('one'), text('two'))
    await settled()
    expect(end.events).toEqual(['text: one'])
    end.protocol.resume()
    await settled()
    expect(end.events).toEqual(['text: one', 'text: two'])
  })

  test('queues bytes received inside a message event behind earlier input', async () => {
    const { end } = create({
      on: (event, protocol) => {
        if (event === 'text: one') protocol.receive(wire('server', text('three')))
      },
    })
    end.receive(xor('one'), text('two'))
    await settled()
    expect(end.events).toEqual(['text: one', 'text: two', 'text: three'])
  })

  test('closes with 1011 when a message handler throws', async () => {
    const { end, extension } = create({
      on: event => {
        if (event.startsWith('text')) throw new Error('bug')
      },
    })
    end.receive(xor('one'), xor('two'))
    await settled()
    expect(end.reports).toMatchObject([{ code: 1011, cause: { message: 'bug' } }])
    expect(extension.closed).toBe(1)
  })

  test('reports nothing after a close inside a piece', async () => {
    for (const act of ['terminate', 'fail', 'throw'] as const) {
      const told: string[] = []
      const { end } = create({
        streamed: true,
        on: (event, protocol) => {
          told.push(event)
          if (event !== 'piece: on') return
          if (act === 'throw') throw new Error('enough')
          protocol[act](new Error('enough'))
        },
      })
      end.receive(xor('oneone'), text('never'))
      await settled()
      expect(told.slice(0, 2), act).toEqual(['piece: on', 'abort'])
      expect(told[2]).toMatch('closed')
      expect(told).toHaveLength(3)
      expect(end.events).toHaveLength(1)
    }
  })

  test('gets 1009 before its output above the limit is kept, whole or streamed', async () => {
    for (const streamed of [false, true]) {
      const told: string[] = []
      const { end, extension } = create({
        streamed,
        limits: checkLimits({ maxMessageSize: 10 }),
        on: event => told.push(event),
      })
      end.receive({ ...xor('abcdef'), fin: false }, more(turned('ghijkl')), text('never'))
      await settled()
      expect(end.reports).toMatchObject([{ code: 1009, cause: expect.any(ProtocolError) }])
      expect(extension.rooms.slice(0, 6)).toEqual([10, 8, 6, 4, 2, 0])
      expect(told.filter(event => event.startsWith('piece'))).toHaveLength(streamed ? 5 : 0)
      expect(end.written()).toEqual(['close: 1009 message longer than 10 bytes (RFC 6455 §7.4.1)'])
    }
  })

  test('gets 1009 for announced bytes far above the limit', async () => {
    const { end } = create({ limits: checkLimits({ maxMessageSize: 1600 }) })
    end.protocol.receive(wire('server', { ...xor(''), payloadLength: 1600 + 100 + 1024, lengthSize: 2 }))
    expect(end.protocol.state).toBe('open')
    const above = create({ limits: checkLimits({ maxMessageSize: 1600 }) }).end
    above.protocol.receive(wire('server', { ...xor(''), payloadLength: 1600 + 100 + 1025, lengthSize: 2 }))
    await settled()
    expect(above.reports).toMatchObject([{ code: 1009 }])
  })

  test('gets 1007 for output that is not valid UTF-8', async () => {
    const { end } = create()
    end.receive({ ...xor(''), payload: turn(hex('61ed a080')) }, text('never'))
    await settled()
    expect(end.reports).toMatchObject([{ code: 1007 }])
    expect(end.events).toHaveLength(1)
  })

  test('fails the connection with its ProtocolError, or with 1011 for other errors', async () => {
    for (const [error, code] of [
      [
        new ProtocolError('no such data', {
          code: 'ERR_WS_TEST',
          closeCode: 1007,
          section: 'RFC 7692 §7.2.2',
        }),
        1007,
      ],
      [new Error('bug'), 1011],
    ] as const) {
      const extension = new XorExtension({ mode, fault: () => error })
      const end = new End('server', { extension })
      end.receive(text('before'), xor('x'), text('never'))
      await settled()
      const { cause } = end.reports[0]!
      expect(end.reports).toMatchObject([{ code, by: 'local' }])
      expect(error instanceof ProtocolError ? cause : cause?.cause).toBe(error)
      expect(end.events[0]).toBe('text: before')
      expect(end.events).toHaveLength(2)
      expect(extension.closed).toBe(1)
    }
  })

  test('can reject a message when it begins', async () => {
    const { end, extension } = create()
    extension.receiving = () => {
      throw new ProtocolError('not now', { code: 'ERR_WS_TEST', closeCode: 1002 })
    }
    end.receive(xor('x'))
    await settled()
    expect(end.written()).toEqual(['close: 1002 not now'])
  })

  test('D3: gets 1002 for its bit on a continuation or a control frame', () => {
    for (const frame of [more('', { rsv: RSV1 }), { ...ping(), rsv: RSV1 }, { ...close(1000), rsv: RSV1 }]) {
      const { end } = create()
      end.receive(text('x', { fin: false }), frame)
      expect(end.reports).toMatchObject([
        { code: 1002, reason: 'reserved bit set on a frame that does not begin a message (RFC 6455 §5.8)' },
      ])
    }
  })
})

describe('an extension at work', () => {
  test('delays later input, but not output', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    end.receive(xor('slow'), text('next'))
    end.receive(close(1000))
    end.protocol.ping()
    expect(end.written()).toEqual(['ping:'])
    expect(end.events).toEqual([])
    expect(end.protocol.unreadLength).toBeGreaterThan(0)
    extension.jobs[0]!()
    await settled()
    expect(end.events).toEqual(['text: slow', 'text: next', 'closed cleanly by peer: 1000'])
    expect(end.outputs).toBe(1)
    expect(end.written()).toEqual(['close: 1000'])
  })

  test('delivers its message after resume if it settles during a pause', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    end.receive(xor('slow'), text('next'))
    end.protocol.pause()
    extension.jobs[0]!()
    await settled()
    expect(end.events).toEqual([])
    end.receive(text('last'))
    end.protocol.resume()
    expect(end.events).toEqual(['text: slow', 'text: next', 'text: last'])
  })

  test('delivers nothing if the connection ends during that pause', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    end.receive(xor('slow'))
    end.protocol.pause()
    extension.jobs[0]!()
    await settled()
    end.protocol.terminate()
    end.protocol.resume()
    expect(end.events).toEqual(['closed abnormally by local: 1006'])
  })

  test('makes no progress with a piece without output', () => {
    const extension = new XorExtension()
    const end = new End('server', {
      extension,
      streamed: true,
      limits: checkLimits({ messageTimeout: 100 }),
    })
    end.receive({ ...xor('a'), fin: false })
    end.protocol.tick(0)
    end.receive(more('', { fin: false }))
    end.protocol.tick(100)
    expect(end.reports).toMatchObject([{ code: 1008 }])
  })

  test('stops the deadline of the message', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension, limits: checkLimits({ messageTimeout: 100 }) })
    end.receive({ ...xor('slow'), fin: false })
    end.protocol.tick(0)
    end.protocol.tick(1000)
    expect(end.protocol.state).toBe('open')
    extension.jobs[0]!()
    await settled()
    end.protocol.tick(1099)
    expect(end.protocol.state).toBe('open')
    end.protocol.tick(1100)
    expect(end.reports).toMatchObject([{ code: 1008 }])
  })

  test.each([false, true])(
    'is too late after the end: what it made is dropped (streamed: %s)',
    async streamed => {
      const told: string[] = []
      const extension = new XorExtension({ mode: 'jobs' })
      const end = new End('server', { extension, streamed, on: event => told.push(event) })
      end.receive(xor('late'), text('never'))
      end.protocol.terminate()
      extension.jobs[0]!()
      await settled()
      expect(told).toEqual([...(streamed ? ['abort'] : []), 'closed abnormally by local: 1006'])
      expect(extension).toMatchObject({ closed: 1, rooms: [0, 0] })
      expect(end.outputs).toBe(0)
    },
  )

  test('is ignored if it rejects after the end', async () => {
    const extension = new XorExtension({ mode: 'jobs', fault: () => new Error('late') })
    const end = new End('server', { extension })
    end.receive(xor('late'))
    end.receive(close(1000))
    end.protocol.fail(new ProtocolError('no', { code: 'ERR_WS_TEST', closeCode: 1008 }))
    extension.jobs[0]!()
    await settled()
    expect(end.events).toEqual(['closed abnormally by local: 1008 no'])
  })
})

describe('inputMemory', () => {
  test('counts unread bytes and the room of a fragmented message, until they are released', () => {
    const end = new End('server')
    expect(end.protocol.inputMemory).toBe(0)
    end.receive(binary(new Uint8Array(1000), { fin: false }))
    const reserved = end.protocol.inputMemory
    expect(reserved).toBeGreaterThanOrEqual(1000)
    end.protocol.pause()
    end.receive(ping('p'))
    expect(end.protocol.inputMemory).toBe(reserved + end.protocol.unreadLength + 256)
    end.protocol.resume()
    expect(end.protocol.inputMemory).toBe(reserved)
    end.receive(more('end'))
    expect(end.protocol.inputMemory).toBe(0)
    end.receive(binary(new Uint8Array(1000), { fin: false }))
    end.protocol.terminate()
    expect(end.protocol.inputMemory).toBe(0)
  })

  test('counts a piece for as long as an extension is at work on it', async () => {
    const end = new End('server', { extension: new XorExtension({ mode: 'later' }) })
    end.receive(xor('twelve bytes'))
    expect(end.protocol.inputMemory).toBe(12)
    await settled()
    expect(end.events).toEqual(['text: twelve bytes'])
    expect(end.protocol.inputMemory).toBe(0)
  })

  test('counts the room of a transformed message between its fragments', () => {
    const end = new End('server', { extension: new XorExtension() })
    end.receive({ ...xor('begin'), fin: false })
    expect(end.protocol.inputMemory).toBeGreaterThanOrEqual('begin'.length)
    end.receive(more(turned('end')))
    expect(end.events).toEqual(['text: beginend'])
    expect(end.protocol.inputMemory).toBe(0)
  })

  test('does not count the pieces of a streamed message', () => {
    const end = new End('server', { streamed: true })
    end.receive(binary(new Uint8Array(1000), { fin: false }))
    expect(end.protocol.inputMemory).toBe(0)
  })
})
