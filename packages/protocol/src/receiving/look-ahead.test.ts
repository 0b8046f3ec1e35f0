import { concat, hex, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { close, End, type EndOptions, more, ping, pong, ROLES, settled, text, wire } from '../../test/end.ts'
import { RSV1, turn, XorExtension } from '../../test/xor.ts'

/** An end that is paused. */
function paused(options: EndOptions = {}): End {
  const end = new End('server', options)
  end.protocol.pause()
  return end
}

/** Resumes until nothing is held. */
function finish(end: End): void {
  do end.protocol.resume()
  while (end.protocol.isPaused)
}

describe('a ping that waits behind a message', () => {
  test('is answered by scan, and not again in its turn', () => {
    const end = paused()
    end.receive(text('slow'), ping('now'))
    expect(end.written()).toEqual([])
    end.protocol.scan()
    expect(end.written()).toEqual(['pong: now'])
    expect(end.events).toEqual([])
    finish(end)
    expect(end.events).toEqual(['text: slow', 'ping: now'])
    expect(end.written()).toEqual([])
    expect(end.received).toEqual(['ping'])
  })

  test('is answered by scan only if it is the newest', () => {
    const end = paused()
    end.receive(ping('one'), text('x'), ping('two'), ping('three'))
    end.protocol.scan()
    expect(end.written()).toEqual(['pong: three'])
    end.receive(ping('four'))
    end.protocol.scan()
    end.protocol.scan()
    expect(end.written()).toEqual(['pong: four'])
    finish(end)
    expect(end.events).toEqual(['ping: one', 'text: x', 'ping: two', 'ping: three', 'ping: four'])
    expect(end.written()).toEqual([])
    expect(end.received).toHaveLength(4)
  })

  test('is answered in its turn without a scan, and after those that a scan found', () => {
    const end = paused()
    end.receive(ping('one'))
    end.protocol.scan()
    end.receive(ping('two'))
    finish(end)
    end.receive(ping('three'))
    expect(end.written()).toEqual(['pong: one', 'pong: two', 'pong: three'])
    expect(end.received).toHaveLength(3)
  })

  test('stays unanswered if the sink rejects it', () => {
    let count = 0
    const end = paused({ acceptPing: () => ++count === 2 })
    end.receive(ping('one'), ping('two'), ping('three'))
    end.protocol.scan()
    expect(end.written()).toEqual(['pong: two'])
    finish(end)
    end.receive(ping('four'))
    expect(end.written()).toEqual([])
    expect(count).toBe(4)
    expect(end.events).toHaveLength(4)
  })

  test('is left to the sink without autoPong', () => {
    const end = paused({ autoPong: false })
    end.receive(ping('one'))
    end.protocol.scan()
    expect(end.received).toEqual(['ping'])
    finish(end)
    expect(end.events).toEqual(['ping: one'])
    expect(end.written()).toEqual([])
  })

  test('is answered once the transport has room', () => {
    const end = paused()
    end.protocol.transportFull = true
    end.receive(ping('one'), ping('two'))
    end.protocol.scan()
    expect(end.written()).toEqual([])
    end.protocol.transportFull = false
    expect(end.written()).toEqual(['pong: two'])
  })

  test('is answered once it is complete', () => {
    const end = paused()
    for (const byte of wire('server', text('slow'), ping('x'.repeat(125)), ping('half')).slice(0, -1)) {
      end.protocol.receive(Uint8Array.of(byte))
      end.protocol.scan()
    }
    expect(end.written()).toEqual([`pong: ${'x'.repeat(125)}`])
  })

  test('is answered while an extension is at work', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    end.receive({ ...text(''), payload: turn(utf8('slow')), rsv: RSV1 }, ping('now'), text('next'))
    end.protocol.scan()
    expect(end.written()).toEqual(['pong: now'])
    extension.jobs[0]!()
    await settled()
    expect(end.events).toEqual(['text: slow', 'ping: now', 'text: next'])
    expect(end.written()).toEqual([])
  })
})

describe('a pong that waits behind a message', () => {
  test('is reported by scan once, and again in its turn as an event', () => {
    const end = paused()
    end.receive(text('slow'), pong('one'), pong('two'))
    end.protocol.scan()
    expect(end.received).toEqual(['pong: one', 'pong: two'])
    expect(end.events).toEqual([])
    finish(end)
    end.receive(pong('three'))
    expect(end.received).toEqual(['pong: one', 'pong: two', 'pong: three'])
    expect(end.events).toEqual(['text: slow', 'pong: one', 'pong: two', 'pong: three'])
  })
})

describe('a Close that waits behind a message', () => {
  test('makes the report final, and messages can be sent until its turn', () => {
    const end = paused()
    end.receive(text('slow'), close(4000, 'why'), text('ignored'))
    expect(end.protocol.state).toBe('open')
    end.protocol.scan()
    expect(end.protocol.state).toBe('closing')
    expect(end.closings).toEqual([{ code: 4000, reason: 'why', wasClean: true, by: 'peer' }])
    expect(end.protocol.canSend).toBe(true)
    expect([end.protocol.send('answer'), end.protocol.ping(), end.events]).toEqual([true, true, []])
    expect(end.protocol.transportAction).toBe('open')
    expect(end.written()).toEqual(['text: answer', 'ping:'])
    finish(end)
    expect(end.events).toEqual(['text: slow', 'closed cleanly by peer: 4000 why'])
    expect(end.reports[0]).toBe(end.closings[0])
    expect(end.closings).toHaveLength(1)
    expect(end.written()).toEqual(['close: 4000 why'])
    expect([end.protocol.canSend, end.protocol.send('late')]).toEqual([false, false])
  })

  test('is echoed without a code if it has none', () => {
    const end = paused()
    end.receive(close())
    end.protocol.scan()
    finish(end)
    expect(end.written()).toEqual(['close: 1005'])
    expect(end.reports).toEqual([{ code: 1005, reason: '', wasClean: true, by: 'peer' }])
  })

  test('answers ours, and later messages are still delivered', () => {
    const end = paused()
    end.protocol.close(1001, 'bye')
    end.receive(text('slow'), close(1001, 'bye'))
    end.protocol.scan()
    expect(end.closings).toEqual([{ code: 1001, reason: 'bye', wasClean: true, by: 'local' }])
    expect(end.written()).toEqual(['close: 1001 bye'])
    // The closing handshake is complete, so a server ends the transport.
    expect(end.protocol).toMatchObject({ state: 'closing', transportAction: 'end' })
    finish(end)
    expect(end.events).toEqual(['text: slow', 'closed cleanly by local: 1001 bye'])
  })

  test('is answered by close, with the code of the peer', () => {
    const end = paused()
    end.receive(text('slow'), close(4000, 'theirs'))
    end.protocol.scan()
    end.protocol.close(4001, 'ours')
    expect(end.written()).toEqual(['close: 4000 theirs'])
    expect(end.protocol.send('late')).toBe(false)
    finish(end)
    expect(end.events).toEqual(['text: slow', 'closed cleanly by peer: 4000 theirs'])
    expect(end.written()).toEqual([])
  })

  test('ends the input: bytes that are received later are dropped', () => {
    const end = paused()
    end.receive(text('slow'), close(1000))
    end.receive(ping('behind'))
    end.protocol.scan()
    const { unreadLength } = end.protocol
    end.receive(text('late'))
    expect(end.protocol.unreadLength).toBe(unreadLength)
    expect(end.received).toEqual([])
    end.protocol.scan()
    expect(end.closings).toHaveLength(1)
  })

  test('keeps its report if a message before it fails the connection', () => {
    const end = paused()
    end.receive({ ...text(''), payload: hex('ff') }, close(4000))
    end.protocol.scan()
    finish(end)
    expect(end.events).toEqual(['closed cleanly by peer: 4000'])
    expect(end.reports[0]).toBe(end.closings[0])
    expect(end.written()).toEqual(['close: 1007 text is not UTF-8 (RFC 6455 §8.1)'])
  })

  test.each(['terminate', 'fail'] as const)('keeps its report after %s', act => {
    const end = paused()
    end.receive(text('slow'), close(4000))
    end.protocol.scan()
    end.protocol[act](new Error('enough'))
    expect(end.events).toEqual(['closed cleanly by peer: 4000'])
    expect(end.reports[0]).toBe(end.closings[0])
    expect(end.written()).toEqual(act === 'fail' ? ['close: 1011 internal error'] : [])
  })
})

describe('a fault of the peer waits for its turn', () => {
  test.each([
    ['an unknown opcode', wire('server', { opcode: 3 })],
    ['an unmasked frame', hex('8100')],
    ['an empty continuation of no message', wire('server', more(''))],
    ['a new message inside of a message', wire('server', text('x', { fin: false }), text('y'))],
    ['a reserved bit on a ping', wire('server', { ...ping(), rsv: RSV1 })],
    ['a Close with a payload of one byte', wire('server', { opcode: 8, payload: hex('03') })],
    ['a Close with a code that must not be sent', wire('server', close(1005))],
  ])('%s', (_, bytes) => {
    const end = paused({ extension: new XorExtension() })
    end.protocol.receive(concat(wire('server', text('slow'), ping('before')), bytes))
    end.protocol.scan()
    const { unreadLength } = end.protocol
    end.receive(ping('behind'), close(1000))
    end.protocol.scan()
    expect(end.protocol).toMatchObject({ state: 'open', unreadLength })
    expect(end.closings).toEqual([])
    expect(end.written()).toEqual(['pong: before'])
    finish(end)
    expect(end.events.slice(0, 2)).toEqual(['text: slow', 'ping: before'])
    expect(end.reports).toMatchObject([{ code: 1002, by: 'local' }])
    expect(end.closings).toEqual(end.reports)
  })
})

describe('scan', () => {
  test('does nothing if no input is held, or in an event', () => {
    const end: End = new End('server', { on: (_, protocol) => protocol.scan() })
    end.protocol.scan()
    end.receive(text('x'), ping('y'), close(1000))
    end.protocol.scan()
    expect(end.events).toEqual(['text: x', 'ping: y', 'closed cleanly by peer: 1000'])
    expect(end.written()).toEqual(['pong: y', 'close: 1000'])
  })

  test.each(ROLES)(
    'finds everything a %s will receive, wherever the pause is and however it is cut',
    role => {
      const frames = [
        text('one'),
        text('fragment', { fin: false }),
        ping('first'),
        more('s', { fin: false }),
        pong('second'),
        more(''),
        text('x'.repeat(126)),
        ping(''),
        close(4000, 'end'),
      ]
      const bytes = wire(role, ...frames)
      const straight = new End(role)
      straight.protocol.receive(bytes)
      const expected = JSON.stringify([straight.received, straight.closings])
      for (let at = 0; at <= bytes.length; at++) {
        for (const { name, segments } of segmentations(bytes.slice(at), [at])) {
          const end = new End(role)
          end.protocol.receive(bytes.slice(0, at))
          end.protocol.pause()
          for (const segment of segments) {
            end.protocol.receive(segment)
            end.protocol.scan()
          }
          const found = JSON.stringify([end.received, end.closings])
          finish(end)
          const where = `${name} from byte ${at}`
          expect(found, where).toBe(expected)
          expect(end.events.join('\n'), where).toBe(straight.events.join('\n'))
        }
      }
    },
  )

  test('continues where the decoder is once that has passed what was found', () => {
    const end = new End('server', {
      on: (event, protocol) => {
        if (event === 'text: stop') protocol.pause()
      },
    })
    end.protocol.pause()
    end.receive(ping('one'), text('a', { fin: false }))
    end.protocol.scan()
    end.receive(more('b'), ping('two'), text('stop'), ping('three'), text('c', { fin: false }))
    finish(end)
    expect(end.written()).toEqual(['pong: one', 'pong: two', 'pong: three'])
    end.protocol.pause()
    end.receive(text('out of order'))
    end.protocol.scan()
    finish(end)
    expect(end.received).toHaveLength(3)
    expect(end.reports).toMatchObject([{ code: 1002 }])
  })

  test('begins again behind a message that held input a second time', () => {
    const end = new End('server', {
      on: (event, protocol) => void (event === 'text: stop' && protocol.pause()),
    })
    end.protocol.pause()
    end.receive(ping('one'))
    end.protocol.scan()
    end.receive(text('stop'), ping('two'), close(1000))
    end.protocol.resume()
    expect(end.events).toEqual(['ping: one', 'text: stop'])
    end.protocol.scan()
    expect(end.written()).toEqual(['pong: one', 'pong: two'])
    expect(end.protocol.state).toBe('closing')
    finish(end)
    expect(end.received).toHaveLength(2)
  })

  test.each(['pingReceived', 'pongReceived'] as const)('closes with 1011 if %s throws', method => {
    const end = paused()
    const error = new Error('bug of the sink')
    end[method] = () => {
      throw error
    }
    end.receive(text('slow'), ping(), pong(), close(1000))
    end.protocol.scan()
    expect(end.reports).toMatchObject([{ code: 1011, by: 'local', cause: { cause: error } }])
    expect(end.written().at(-1)).toBe('close: 1011 internal error')
    expect(end.closings).toHaveLength(1)
  })

  test.each(['pingReceived', 'pongReceived'] as const)('stops if %s terminates the connection', method => {
    for (const isScanned of [true, false]) {
      const end = new End('server')
      if (isScanned) end.protocol.pause()
      end[method] = () => {
        end.protocol.terminate()
        return undefined
      }
      const others = method === 'pingReceived' ? [ping(), pong()] : [pong(), ping()]
      end.receive(...others, text('x'), close(1000))
      if (isScanned) end.protocol.scan()
      expect(end.received).toEqual([])
      expect(end.events).toEqual(['closed abnormally by local: 1006'])
    }
  })
})

describe('a call from closing', () => {
  test('of resume delivers what is held, after it', () => {
    const end = paused({ onClosing: (_, protocol) => protocol.resume() })
    end.receive(text('slow'), close(1000))
    end.protocol.scan()
    expect(end.events).toEqual(['text: slow', 'closed cleanly by peer: 1000'])
    expect(end.closings).toHaveLength(1)
  })

  test.each([true, false])('of terminate closes at once, with one report (held: %s)', isHeld => {
    const end = new End('server', { onClosing: (_, protocol) => protocol.terminate() })
    if (isHeld) end.protocol.pause()
    end.receive(close(4000))
    if (isHeld) end.protocol.scan()
    expect(end.events).toEqual(['closed cleanly by peer: 4000'])
    expect(end.protocol.transportAction).toBe('destroy')
  })

  test('of close and discard answers the Close at once', () => {
    const end = paused({
      onClosing: (_, protocol) => {
        protocol.close(4001)
        protocol.discard()
      },
    })
    end.receive(text('slow'), close(4000))
    end.protocol.scan()
    expect(end.events).toEqual(['closed cleanly by peer: 4000'])
    expect(end.written()).toEqual(['close: 4000'])
  })
})

test('closing is called before close in every way that a connection ends', () => {
  const acts: ((end: End) => void)[] = [
    end => end.receive(close(1000)),
    end => end.receive({ opcode: 3 }),
    end => end.protocol.fail(new Error('bug')),
    end => end.protocol.terminate(),
    end => end.protocol.receiveEnd(),
  ]
  for (const act of acts) {
    const states: string[] = []
    const end = new End('server', { onClosing: (_, protocol) => void states.push(protocol.state) })
    act(end)
    expect(states).toEqual(['closing'])
    expect(end.closings).toEqual(end.reports)
    expect(end.reports).toHaveLength(1)
    expect(end.reports[0]).toBe(end.closings[0])
  }
})
