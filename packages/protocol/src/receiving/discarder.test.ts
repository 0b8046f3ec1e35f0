import { hex, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import {
  binary,
  close,
  End,
  type EndOptions,
  more,
  ping,
  pong,
  ROLES,
  settled,
  text,
  wire,
} from '../../test/end.ts'
import { RSV1, turn, XorExtension } from '../../test/xor.ts'
import { checkLimits } from '../limits.ts'
import type { Protocol } from '../protocol.ts'

/** Closes and discards at the first event that starts with `at`. */
function discarding(at: string, options: EndOptions = {}): End {
  return new End('server', {
    ...options,
    on: (event, protocol) => {
      options.on?.(event, protocol)
      if (event.startsWith(at)) leave(protocol)
    },
  })
}

function leave(protocol: Protocol): void {
  protocol.close(1000)
  protocol.discard()
}

describe('discard', () => {
  test('drops unread and later messages, but handles control frames', () => {
    const end = new End('server')
    end.protocol.pause()
    end.receive(text('unread'), ping('one'), text('part', { fin: false }))
    leave(end.protocol)
    expect(end.protocol).toMatchObject({ isPaused: false, unreadLength: 0, state: 'closing' })
    end.receive(more('ial'), pong('two'), text('late'), close(1000))
    expect(end.events).toEqual(['ping: one', 'pong: two', 'closed cleanly by local: 1000'])
    expect(end.received).toEqual(['ping', 'pong: two'])
    expect(end.written()).toEqual(['close: 1000'])
  })

  test('ends a pause for good', () => {
    const end = new End('server')
    leave(end.protocol)
    end.protocol.pause()
    expect(end.protocol.isPaused).toBe(false)
    end.receive(close(1000))
    expect(end.protocol.state).toBe('closed')
  })

  test('handles the end of the transport at once', () => {
    const end = new End('server')
    end.protocol.pause()
    end.receive(text('unread'))
    end.protocol.discard()
    end.protocol.receiveEnd()
    expect(end.events).toEqual(['closed abnormally by network: 1006'])
  })

  test('leaves an open connection open', () => {
    const end = new End('server')
    end.protocol.discard()
    end.receive(text('x'), ping())
    expect(end.protocol.send('y')).toBe(true)
    end.receive(close(1000))
    expect(end.events).toEqual(['ping:', 'closed cleanly by peer: 1000'])
    expect(end.written()).toEqual(['pong:', 'text: y', 'close: 1000'])
  })

  test('does nothing on a closed connection, or the second time', () => {
    const end = new End('server')
    end.protocol.discard()
    end.protocol.discard()
    end.protocol.terminate()
    end.protocol.discard()
    expect(end.events).toHaveLength(1)
  })

  test('does not answer a ping again that a scan has found', () => {
    const end = new End('server')
    end.protocol.pause()
    end.receive(text('unread'), ping('one'))
    end.protocol.scan()
    end.protocol.discard()
    end.receive(ping('two'))
    expect(end.written()).toEqual(['pong: one', 'pong: two'])
    expect(end.received).toHaveLength(2)
    expect(end.events).toEqual(['ping: one', 'ping: two'])
  })
})

describe('a discarded message', () => {
  test('is aborted if it is streamed, once', () => {
    const told: string[] = []
    const end = discarding('piece: b', { streamed: true, on: event => told.push(event) })
    end.receive(text('a', { fin: false }), more('b', { fin: false }), more('c'), text('d'), close(1000))
    expect(told).toEqual(['piece: a', 'piece: b', 'abort', 'closed cleanly by local: 1000'])
  })

  test('is aborted if its last piece ends the interest in it', () => {
    const told: string[] = []
    const end = discarding('piece: b', { streamed: true, on: event => told.push(event) })
    end.receive(text('a', { fin: false }), more('b'), text('c'), close(1000))
    expect(told).toEqual(['piece: a', 'piece: b', 'abort', 'closed cleanly by local: 1000'])
  })

  test.each([
    ['a whole message', [text('x')]],
    ['a message that is too large', [text('x'.repeat(20))]],
    ['fragments', [text('x', { fin: false }), ping('p'), more('y')]],
    ['an empty fragment', [text('', { fin: false }), more('y')]],
  ])('is aborted at its beginning: %s', (_, frames) => {
    for (const isStreamed of [true, false]) {
      for (const { name, segments } of segmentations(wire('server', ...frames, text('z'), close(1000)))) {
        const told: string[] = []
        const end = new End('server', { limits: checkLimits({ maxMessageSize: 10 }) })
        end.stream = () => {
          leave(end.protocol)
          const tell = (what: string) => () => void told.push(what)
          return isStreamed ? { write: tell('write'), end: tell('end'), abort: tell('abort') } : undefined
        }
        for (const segment of segments) end.protocol.receive(segment)
        expect(told, name).toEqual(isStreamed ? ['abort'] : [])
        expect(end.events.at(-1), name).toBe('closed cleanly by local: 1000')
      }
    }
  })

  test('is not validated, measured, timed or counted', () => {
    const limits = checkLimits({
      maxMessageSize: 10,
      maxFragments: 2,
      messageTimeout: 100,
      closeTimeout: 1e6,
    })
    const end = new End('server', { limits })
    leave(end.protocol)
    end.receive(binary(new Uint8Array(11)), { ...text(''), payload: hex('ff') })
    end.receive(text('a', { fin: false }), more('b', { fin: false }), more('c', { fin: false }))
    for (const now of [0, 1000]) end.protocol.tick(now)
    end.receive(more('d'), close(1000))
    expect(end.events).toEqual(['closed cleanly by local: 1000'])
  })

  test('is not transformed', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    const turned = { ...text(''), payload: turn(utf8('x')), rsv: RSV1 }
    end.receive(turned, turned)
    leave(end.protocol)
    end.receive(turned, { ...turned, fin: false }, more('y'), close(1000))
    expect(end.events).toEqual(['closed cleanly by local: 1000'])
    expect(extension.pieces).toBe(1)
    extension.jobs[0]!()
    await settled()
    expect(end.events).toHaveLength(1)
    expect(extension).toMatchObject({ closed: 1, late: 0 })
  })

  test.each([
    ['an unknown opcode', [{ opcode: 3 }]],
    ['a continuation of no message', [more('x')]],
    ['a new message inside of a message', [text('x', { fin: false }), text('y')]],
    ['a Close that must not be sent', [close(1005)]],
  ])('does not hide a fault: %s', (_, frames) => {
    const end = new End('server')
    end.protocol.pause()
    end.receive(text('unread'))
    end.protocol.discard()
    end.receive(...frames, text('z'))
    expect(end.reports).toMatchObject([{ code: 1002, by: 'local' }])
  })
})

test.each(ROLES)('a %s that discards at any byte sees the control frames that follow', role => {
  const frames = [
    text('one'),
    text('fragment', { fin: false }),
    ping('first'),
    more('s', { fin: false }),
    pong('second'),
    more(''),
    binary(new Uint8Array(300)),
    ping('third'),
    close(4000, 'end'),
  ]
  const bytes = wire(role, ...frames)
  const controls = ['ping: first', 'pong: second', 'ping: third', 'closed cleanly by peer: 4000 end']
  for (let at = 0; at <= bytes.length; at++) {
    for (const streamed of [true, false]) {
      for (const { name, segments } of segmentations(bytes.slice(at), [at])) {
        const end = new End(role, { streamed })
        end.protocol.receive(bytes.slice(0, at))
        const before = end.events.filter(event => !controls.includes(event))
        end.protocol.discard()
        for (const segment of segments) end.protocol.receive(segment)
        const after = end.events.filter(event => !controls.includes(event))
        const where = `${name} from byte ${at}`
        expect(after.join(), where).toBe(before.join())
        expect(end.events.filter(event => controls.includes(event)).join(), where).toBe(controls.join())
      }
    }
  }
})

test.each(['text: one', 'ping', 'text: two', 'pong', 'piece: t'])(
  'nothing is delivered after a discard in the event %s',
  at => {
    const end = discarding(at, { streamed: at.startsWith('piece') })
    end.receive(
      text('one'),
      ping('p'),
      text('t', { fin: false }),
      more('wo'),
      pong('q'),
      text('three'),
      close(1000),
    )
    const messages = end.events.filter(event => event.startsWith('text'))
    const expected: Record<string, string[]> = {
      'text: two': ['text: one', 'text: two'],
      pong: ['text: one', 'text: two'],
    }
    expect(messages).toEqual(expected[at] ?? ['text: one'])
    expect(end.events.filter(event => !event.startsWith('text'))).toEqual([
      'ping: p',
      'pong: q',
      'closed cleanly by local: 1000',
    ])
  },
)
