import { encodeFrame, Opcode } from '@ws/frame'
import { collectGarbage, concat, hex, onV8, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { End, peerOf, ping, ROLES, text, wire } from '../test/end.ts'
import { type Host, portableHost } from './host.ts'
import { checkLimits } from './limits.ts'
import { Protocol } from './protocol.ts'
import { prepare } from './sending/prepared-message.ts'

/** Passes output between the ends until neither has more. */
function exchange(one: End, other: End): void {
  for (;;) {
    const [forOther, forOne] = [one.protocol.takeOutput(), other.protocol.takeOutput()]
    if (forOther.length + forOne.length === 0) return
    for (const bytes of forOther) other.protocol.receive(bytes.slice())
    for (const bytes of forOne) one.protocol.receive(bytes.slice())
  }
}

describe.each(ROLES)('a %s', role => {
  test('exchanges messages with its peer, and both close cleanly', () => {
    const [here, there] = [new End(role), new End(peerOf(role))]
    here.protocol.send('Grüße')
    there.protocol.send(hex('00ff'))
    there.protocol.ping(utf8('?'))
    exchange(here, there)
    here.protocol.close(1000, 'done')
    exchange(here, there)
    expect(here.events).toEqual(['binary: 00ff', 'ping: ?', 'closed cleanly by local: 1000 done'])
    expect(there.events).toEqual(['text: Grüße', 'pong: ?', 'closed cleanly by peer: 1000 done'])
  })

  test('works with a custom host', () => {
    const calls: string[] = []
    const host: Host = {
      ...portableHost,
      decodeText: (...range) => {
        calls.push('decodeText')
        return portableHost.decodeText(...range)
      },
      createMaskingKey: () => {
        calls.push('createMaskingKey')
        return 7
      },
    }
    const end = new End(role, { host })
    end.protocol.send('x')
    end.receive(text('y'))
    expect(end.events).toEqual(['text: y'])
    // A server does not create masking keys.
    expect(calls).toEqual(role === 'client' ? ['createMaskingKey', 'decodeText'] : ['decodeText'])
  })
})

describe('send', () => {
  test('accepts strings, bytes and prepared messages, and throws for other values', () => {
    const end = new End('server')
    expect(end.protocol.send(Buffer.from([1]))).toBe(true)
    expect(end.protocol.send(prepare('x'))).toBe(true)
    for (const [data, is] of [
      [null, 'null'],
      [undefined, 'undefined'],
      [7, 'number'],
      [[1], 'object'],
    ]) {
      const say = `message must be a string, an ArrayBuffer, a view of one or a prepared message, not ${is as string}`
      expect(() => end.protocol.send(data as unknown as string)).toThrow(new TypeError(say))
    }
    expect(end.written()).toEqual(['binary: 01', 'text: x'])
  })

  test('throws for invalid values on a closed connection too, and else returns false', () => {
    const end = new End('server')
    end.protocol.terminate()
    expect(() => end.protocol.send(7 as unknown as string)).toThrow(TypeError)
    expect(end.protocol.send('x')).toBe(false)
  })

  test('C6: returns false after close, and writes nothing', () => {
    const end = new End('server')
    const stream = end.protocol.stream('text')!
    end.protocol.close(1000)
    end.written()
    expect(end.protocol.send('x')).toBe(false)
    expect(end.protocol.ping()).toBe(false)
    expect(end.protocol.pong()).toBe(false)
    expect(end.protocol.stream('binary')).toBeUndefined()
    expect(stream.end('x')).toBe(false)
    expect(end.written()).toEqual([])
  })

  test('counts in bufferedLength until the output is taken', () => {
    const end = new End('server')
    end.protocol.send('äöü')
    expect(end.protocol.bufferedLength).toBe(2 + 6)
    end.protocol.takeOutput()
    expect(end.protocol.bufferedLength).toBe(0)
  })
})

test('completedMessages counts messages whose last frame is in the output', () => {
  const end = new End('server')
  end.protocol.send('one')
  const stream = end.protocol.stream('text')!
  stream.write('tw')
  end.protocol.send('three')
  expect(end.protocol.completedMessages).toBe(1)
  stream.end('o')
  expect(end.protocol.completedMessages).toBe(3)
})

describe.each(['ping', 'pong'] as const)('%s', name => {
  test('accepts at most 125 bytes', () => {
    const end = new End('client')
    expect(end.protocol[name](utf8('x'.repeat(125)))).toBe(true)
    expect(() => end.protocol[name](new Uint8Array(126))).toThrow(
      new RangeError('payload of a control frame must be at most 125 bytes (RFC 6455 §5.5), not 126'),
    )
    expect(() => end.protocol[name]('x' as unknown as Uint8Array)).toThrow(
      new TypeError('payload must be an ArrayBuffer or a view of one, not string'),
    )
    expect(end.written()).toEqual([`${name}: ${'x'.repeat(125)}`])
  })
})

describe('with autoPong: false', () => {
  test('a ping is reported and not answered', () => {
    const end = new End('server', { autoPong: false })
    end.receive(ping('one'), ping('two'))
    expect(end.events).toEqual(['ping: one', 'ping: two'])
    expect(end.written()).toEqual([])
  })

  test('the sink can answer with the lent payload, also inside a fragmented message', () => {
    const protocol = new Protocol(
      'server',
      {
        message: () => undefined,
        ping: payload => protocol.pong(payload),
        close: () => undefined,
      },
      { autoPong: false },
    )
    protocol.receive(wire('server', text('part', { fin: false }), ping('x'.repeat(125))))
    const [answer] = protocol.takeOutput()
    expect(answer).toEqual(encodeFrame({ opcode: Opcode.pong, payload: utf8('x'.repeat(125)) }))
  })

  test('a ping is not answered later because the transport was full', () => {
    const end = new End('server', { autoPong: false })
    end.protocol.transportFull = true
    end.receive(ping('one'))
    end.protocol.transportFull = false
    expect(end.written()).toEqual([])
  })
})

test('tick has no effect before a deadline', () => {
  const end = new End('server')
  for (const now of [5, 1e6, 1e9]) end.protocol.tick(now)
  end.receive(text('x'))
  end.protocol.tick(1e12)
  expect(end.events).toEqual(['text: x'])
  expect(end.protocol.state).toBe('open')
})

test('the given limits apply', () => {
  const end = new End('server', { limits: checkLimits({ maxMessageSize: 3 }) })
  end.receive(text('abc'), text('abcd'))
  expect(end.events[0]).toBe('text: abc')
  expect(end.reports).toMatchObject([{ code: 1009 }])
})

onV8(test)('received bytes are freed once the connection is reported closed', async () => {
  const protocol = new Protocol('server', { message: () => undefined, close: () => undefined })
  const kept = (() => {
    const chunk = wire('server', text('part', { fin: false }), ping())
    const later = wire('server', text('x'.repeat(1000)))
    protocol.receive(chunk)
    protocol.pause()
    protocol.receive(later)
    protocol.terminate()
    return [new WeakRef(chunk), new WeakRef(later)]
  })()
  for (let i = 0; i < 5 && kept.some(ref => ref.deref() !== undefined); i++) {
    await new Promise(resolve => setImmediate(resolve))
    collectGarbage()
  }
  expect(kept.map(ref => ref.deref())).toEqual([undefined, undefined])
  expect(protocol.unreadLength).toBe(0)
})

test('received bytes may be any view, and bytes around it do not change', () => {
  const end = new End('server')
  const around = concat(hex('8182'), wire('server', text('inside')), hex('8899'))
  end.protocol.receive(around.subarray(2, around.length - 2))
  expect(end.events).toEqual(['text: inside'])
  expect([...around.subarray(0, 2), ...around.subarray(-2)]).toEqual([...hex('81828899')])
})

describe('the constructor', () => {
  const create = (...args: unknown[]): Protocol =>
    new Protocol(...(args as ConstructorParameters<typeof Protocol>))
  const sink = { message() {}, close() {} }

  test('throws a TypeError for an unknown option or limit, with the one that was probably meant', () => {
    expect(() => create('server', sink, { autopong: false })).toThrow(
      new TypeError('unknown option "autopong" (did you mean "autoPong"?)'),
    )
    expect(() => create('server', sink, { limits: { maxMesageSize: 5 } })).toThrow(
      new TypeError('unknown option "maxMesageSize" (did you mean "maxMessageSize"?)'),
    )
    expect(() => create('server', sink, { limits: { maxMessageSize: -1 } })).toThrow(RangeError)
    expect(() => create('server', sink, null)).toThrow(TypeError)
    expect(() => create('sever', sink)).toThrow(TypeError)
  })

  test('takes limits that are left out from the defaults', () => {
    const end = new End('server', { limits: { maxFragments: 5 } })
    end.receive({ opcode: Opcode.text, payload: new Uint8Array(2 ** 20 + 1) })
    expect(end.reports).toMatchObject([{ code: 1009 }])
  })
})

describe('sendEncoded', () => {
  test('sends a frame as it is, and returns false after close', () => {
    const end = new End('server')
    const frame = encodeFrame({ opcode: Opcode.text, payload: utf8('encoded') })
    end.protocol.send('first')
    expect(end.protocol.sendEncoded(frame)).toBe(true)
    end.protocol.close()
    expect(end.protocol.sendEncoded(frame)).toBe(false)
    const first = encodeFrame({ opcode: Opcode.text, payload: utf8('first') })
    expect(concat(...end.protocol.takeOutput())).toEqual(
      concat(first, frame, encodeFrame({ opcode: Opcode.close })),
    )
  })
})
