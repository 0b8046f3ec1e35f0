import { ProtocolError, type Role, WebSocketError } from '@ws/frame'
import { describe, expect, test } from 'vitest'
import { close, End, peerOf, ROLES, settled, text } from '../test/end.ts'
import { XorExtension } from '../test/xor.ts'
import { CloseCode } from './index.ts'

const fault = new ProtocolError('too fast', {
  code: 'ERR_WS_TEST',
  closeCode: 1008,
  section: 'RFC 6455 §10.4',
})

/** Ways to reach each state. */
function endIn(state: 'open' | 'closing' | 'closed', role: Role): End {
  const end = new End(role)
  if (state === 'closing') end.protocol.close(1000, 'ours')
  if (state === 'closed') end.receive(close(1000, 'theirs'))
  end.written()
  end.events.length = 0
  expect(end.protocol.state).toBe(state)
  return end
}

describe.each(ROLES)('the table of states, a %s', role => {
  /** The action after both Close frames: the server ends the transport first. */
  const both = role === 'server' ? 'end' : 'open'
  // The cells of the table in lifecycle.ts: the action, then output, events, state and transport
  // action.
  const cells: [
    'open' | 'closing' | 'closed',
    string,
    (end: End) => void,
    { written?: string[]; events?: string[]; state: string; transportAction: string },
  ][] = [
    [
      'open',
      'we close',
      end => end.protocol.close(1001, 'bye'),
      { written: ['close: 1001 bye'], state: 'closing', transportAction: 'open' },
    ],
    [
      'open',
      'Close received',
      end => end.receive(close(4000, 'why')),
      {
        written: ['close: 4000 why'],
        events: ['closed cleanly by peer: 4000 why'],
        state: 'closed',
        transportAction: both,
      },
    ],
    [
      'open',
      'connection fails',
      end => end.receive({ opcode: 3 }),
      {
        written: ['close: 1002 unknown opcode 3 (RFC 6455 §5.2)'],
        events: ['closed abnormally by local: 1002 unknown opcode 3 (RFC 6455 §5.2)'],
        state: 'closed',
        transportAction: both,
      },
    ],
    [
      'open',
      'transport ends',
      end => end.protocol.receiveEnd(),
      { events: ['closed abnormally by network: 1006'], state: 'closed', transportAction: 'end' },
    ],
    [
      'open',
      'we fail',
      end => end.protocol.fail(fault),
      {
        written: ['close: 1008 too fast (RFC 6455 §10.4)'],
        events: ['closed abnormally by local: 1008 too fast (RFC 6455 §10.4)'],
        state: 'closed',
        transportAction: both,
      },
    ],
    [
      'open',
      'we terminate',
      end => end.protocol.terminate(),
      { events: ['closed abnormally by local: 1006'], state: 'closed', transportAction: 'destroy' },
    ],
    [
      'closing',
      'we close',
      end => end.protocol.close(1001, 'bye'),
      { state: 'closing', transportAction: 'open' },
    ],
    [
      'closing',
      'Close received',
      end => end.receive(close(4000, 'why')),
      { events: ['closed cleanly by local: 4000 why'], state: 'closed', transportAction: both },
    ],
    [
      'closing',
      'connection fails',
      end => end.receive({ opcode: 3 }),
      {
        events: ['closed abnormally by local: 1002 unknown opcode 3 (RFC 6455 §5.2)'],
        state: 'closed',
        transportAction: both,
      },
    ],
    [
      'closing',
      'transport ends',
      end => end.protocol.receiveEnd(),
      { events: ['closed abnormally by network: 1006'], state: 'closed', transportAction: 'end' },
    ],
    [
      'closing',
      'we fail',
      end => end.protocol.fail(fault),
      {
        events: ['closed abnormally by local: 1008 too fast (RFC 6455 §10.4)'],
        state: 'closed',
        transportAction: both,
      },
    ],
    [
      'closing',
      'we terminate',
      end => end.protocol.terminate(),
      { events: ['closed abnormally by local: 1006'], state: 'closed', transportAction: 'destroy' },
    ],
    [
      'closed',
      'we close',
      end => end.protocol.close(1001, 'bye'),
      { state: 'closed', transportAction: both },
    ],
    [
      'closed',
      'Close received',
      end => end.receive(close(4000, 'why')),
      { state: 'closed', transportAction: both },
    ],
    [
      'closed',
      'connection fails',
      end => end.receive({ opcode: 3 }),
      { state: 'closed', transportAction: both },
    ],
    [
      'closed',
      'transport ends',
      end => end.protocol.receiveEnd(),
      { state: 'closed', transportAction: 'end' },
    ],
    ['closed', 'we fail', end => end.protocol.fail(fault), { state: 'closed', transportAction: both }],
    [
      'closed',
      'we terminate',
      end => end.protocol.terminate(),
      { state: 'closed', transportAction: 'destroy' },
    ],
  ]

  test.each(cells)('%s: %s', (state, _, act, { written = [], events = [], ...after }) => {
    const end = endIn(state, role)
    act(end)
    expect(end.written()).toEqual(written)
    expect(end.events).toEqual(events)
    expect(end.protocol).toMatchObject(after)
  })

  test('calls after the report have no effect', () => {
    for (const [, , act] of cells) {
      const end = new End(role)
      end.protocol.terminate()
      act(end)
      expect(end.events).toEqual(['closed abnormally by local: 1006'])
      expect(end.written()).toEqual([])
    }
  })
})

describe('the report', () => {
  test('has a cause with a stable code, and no cause without an error', () => {
    const error = new Error('broken')
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    const known = new WebSocketError('too slow', { code: 'ERR_TOO_SLOW', closeCode: 1006 })
    for (const [act, cause] of [
      [(end: End) => end.protocol.receiveEnd(error), { code: 'ERR_WS_TRANSPORT_FAILED', cause: error }],
      [(end: End) => end.protocol.receiveEnd(reset), reset],
      [(end: End) => end.protocol.terminate(error), { code: 'ERR_WS_TERMINATED', cause: error }],
      [(end: End) => end.protocol.terminate(known), known],
      [
        (end: End) => end.protocol.fail(error),
        { code: 'ERR_WS_INTERNAL_ERROR', closeCode: 1011, cause: error },
      ],
      [(end: End) => end.protocol.fail(reset), { code: 'ERR_WS_INTERNAL_ERROR', cause: reset }],
      [(end: End) => end.protocol.fail(known), known],
      [(end: End) => end.receive({ opcode: 3 }), { name: 'ProtocolError', code: 'ERR_WS_UNKNOWN_OPCODE' }],
    ] as const) {
      const end = new End('server')
      act(end)
      expect(end.reports).toMatchObject([{ wasClean: false, cause }])
    }
    const end = new End('server')
    end.protocol.receiveEnd()
    end.protocol.terminate()
    expect(end.reports).toStrictEqual([{ code: 1006, reason: '', wasClean: false, by: 'network' }])
  })

  test.each([null, 'text', { closeCode: 1002 }])('has the thrown %s as the cause of its cause', thrown => {
    const end = new End('server')
    end.protocol.fail(thrown)
    const { cause } = end.reports[0]!
    expect(cause).toBeInstanceOf(Error)
    expect(cause).toMatchObject({ code: 'ERR_WS_INTERNAL_ERROR', cause: thrown })
  })

  test('of an internal error does not reveal it to the peer', () => {
    const end = new End('server')
    end.protocol.fail(new Error('the password of the database'))
    expect(end.written()).toEqual(['close: 1011 internal error'])
  })

  test('of a peer’s fault has a message that is cut to fit a Close frame, in whole characters', () => {
    const end = new End('server')
    end.protocol.fail(
      new ProtocolError(`${'x'.repeat(122)}ä`, {
        code: 'ERR_WS_TEST',
        closeCode: 1008,
      }),
    )
    expect(end.written()).toEqual([`close: 1008 ${'x'.repeat(122)}`])
    expect(end.reports).toMatchObject([{ reason: 'x'.repeat(122) }])
  })

  test('of a ProtocolError with a code that must not be sent has 1011', () => {
    const end = new End('server', {
      on: event => {
        if (event === 'text: x')
          throw new ProtocolError('made up', {
            code: 'ERR_WS_TEST',
            closeCode: 1006,
          })
      },
    })
    end.receive(text('x'))
    expect(end.written()).toEqual(['close: 1011 internal error'])
    expect(end.reports).toMatchObject([{ code: 1011, cause: { message: 'made up' } }])
  })
})

describe('close', () => {
  test('C11: throws for invalid arguments in any state, and does not change it', () => {
    for (const state of ['open', 'closing', 'closed'] as const) {
      const end = endIn(state, 'server')
      for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN]) {
        expect(() => end.protocol.close(code)).toThrow(RangeError)
      }
      expect(() => end.protocol.close(1000, 'x'.repeat(124))).toThrow(RangeError)
      expect(() => end.protocol.close(1000, 7 as unknown as string)).toThrow(TypeError)
      expect(() => end.protocol.close(undefined, 'no code')).toThrow(TypeError)
      expect(end.protocol.state).toBe(state)
      expect(end.written()).toEqual([])
    }
  })

  test('can be called without a code', () => {
    const end = new End('client')
    end.protocol.close()
    expect(end.written()).toEqual(['close: 1005'])
  })

  test('C12: accepts all codes that can be sent', () => {
    const {
      unsupportedData,
      policyViolation,
      messageTooBig,
      internalError,
      serviceRestart,
      tryAgainLater,
      goingAway,
    } = CloseCode
    for (const code of [
      unsupportedData,
      policyViolation,
      messageTooBig,
      internalError,
      serviceRestart,
      tryAgainLater,
      goingAway,
    ]) {
      const end = new End('server')
      end.protocol.close(code)
      expect(end.written()).toEqual([`close: ${code}`])
    }
  })
})

describe('transportAction', () => {
  test('is end for a server once its Close frame is in the output', async () => {
    const end = new End('server', { extension: new XorExtension({ mode: 'later' }) })
    end.protocol.send('late')
    end.receive(close(1000))
    expect(end.protocol).toMatchObject({ state: 'closed', transportAction: 'open' })
    await settled()
    expect(end.protocol.transportAction).toBe('end')
    expect(end.written()).toHaveLength(2)
  })

  test('is open for a client until the server has ended the transport', () => {
    const end = endIn('closed', 'client')
    expect(end.protocol.transportAction).toBe('open')
    end.protocol.receiveEnd()
    expect(end.protocol.transportAction).toBe('end')
  })

  test.each(ROLES)('is end for a %s if the transport ended during a pause', role => {
    const end = new End(role)
    end.protocol.pause()
    end.protocol.receiveEnd()
    expect(end.protocol).toMatchObject({ state: 'closing', transportAction: 'end' })
    end.protocol.fail(fault)
    expect(end.protocol.transportAction).toBe('end')
    expect(end.events).toHaveLength(1)
  })

  test('is end if the transport ended while an extension was at work', async () => {
    const end = new End('client', { extension: new XorExtension({ mode: 'later' }) })
    end.receive(text('x', { rsv: 4 }))
    end.protocol.fail(fault)
    end.protocol.receiveEnd()
    expect(end.protocol.transportAction).toBe('end')
    await settled()
    expect(end.events).toHaveLength(1)
  })
})

describe('the close timeout', () => {
  function closing(role: Role, closeTimeout = 100): End {
    return new End(role, {
      limits: { maxMessageSize: 1, maxFragments: 1, messageTimeout: 1e9, closeTimeout },
    })
  }

  test.each(ROLES)('C9: a %s destroys the transport of a peer that does not answer the Close', role => {
    const end = closing(role)
    end.protocol.tick(0)
    end.protocol.tick(1e6)
    end.protocol.close(1000)
    end.protocol.tick(1e6 + 1)
    end.protocol.tick(1e6 + 100)
    expect(end.protocol).toMatchObject({ state: 'closing', transportAction: 'open' })
    end.protocol.tick(1e6 + 101)
    expect(end.protocol).toMatchObject({ state: 'closed', transportAction: 'destroy' })
    expect(end.reports).toMatchObject([
      {
        code: 1006,
        by: 'local',
        cause: { message: 'the peer did not answer the Close within 100 ms (RFC 6455 §7.1.1)' },
      },
    ])
    end.protocol.tick(1e7)
    expect(end.reports).toHaveLength(1)
  })

  test.each(ROLES)(
    'C10: a %s destroys a transport that does not end after the Close, without a second report',
    role => {
      const end = closing(role)
      end.protocol.close(1000)
      end.protocol.tick(0)
      end.protocol.tick(99)
      end.receive(close(1000))
      end.protocol.tick(150)
      end.protocol.tick(249)
      expect(end.protocol.transportAction).toBe(role === 'server' ? 'end' : 'open')
      end.protocol.tick(250)
      expect(end.protocol.transportAction).toBe('destroy')
      expect(end.events).toEqual(['closed cleanly by local: 1000'])
    },
  )

  test('runs during a pause', () => {
    const end = closing('server')
    end.protocol.close(1000)
    end.protocol.tick(0)
    end.protocol.pause()
    end.receive(text('x'))
    end.protocol.tick(99)
    expect(end.protocol.state).toBe('closing')
    end.protocol.tick(100)
    expect(end.events).toEqual(['closed abnormally by local: 1006'])
    expect(end.protocol.transportAction).toBe('destroy')
  })

  test('of half its time is left to answer a Close that was found during a pause', () => {
    const end = closing('server')
    end.protocol.pause()
    end.receive(text('x'), close(4000, 'bye'))
    end.protocol.scan()
    end.protocol.tick(0)
    end.protocol.tick(49)
    expect(end.protocol.send('y')).toBe(true)
    end.protocol.tick(50)
    expect(end.protocol).toMatchObject({ state: 'closing', transportAction: 'end' })
    expect([end.protocol.send('z'), end.protocol.ping()]).toEqual([false, false])
    expect(end.written()).toEqual(['text: y', 'close: 4000 bye'])
    expect(end.events).toEqual([])
    end.protocol.resume()
    expect(end.events).toEqual(['text: x', 'closed cleanly by peer: 4000 bye'])
    expect(end.written()).toEqual([])
  })

  test('destroys the transport during a pause too, and messages are still delivered', () => {
    const end = closing('client')
    end.protocol.pause()
    end.receive(text('x'), close(4000))
    end.protocol.scan()
    for (const now of [0, 50, 51, 150]) end.protocol.tick(now)
    expect(end.protocol.transportAction).toBe('open')
    end.protocol.tick(151)
    expect(end.protocol).toMatchObject({ state: 'closing', transportAction: 'destroy' })
    end.protocol.tick(1000)
    end.protocol.receiveEnd()
    expect(end.closings).toHaveLength(1)
    end.protocol.resume()
    expect(end.events).toEqual(['text: x', 'closed cleanly by peer: 4000'])
  })

  test('does not stand still for a pause that the report has ended', () => {
    const end = closing('server')
    end.protocol.pause()
    end.protocol.fail(fault)
    expect(end.protocol.isPaused).toBe(false)
    end.protocol.pause()
    expect(end.protocol.isPaused).toBe(false)
    end.protocol.tick(0)
    end.protocol.tick(100)
    expect(end.protocol.transportAction).toBe('destroy')
  })

  test('applies to an extension that never settles', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    end.protocol.send('stuck')
    end.receive(close(1000))
    end.protocol.tick(0)
    end.protocol.tick(10_000)
    expect(end.protocol).toMatchObject({ transportAction: 'destroy', bufferedLength: 0 })
    expect(extension.closed).toBe(1)
    extension.jobs[0]!()
    await settled()
    expect(end.written()).toEqual([])
  })
})

describe('the end of the transport while input is held', () => {
  test.each(ROLES)('makes the report of a %s final, and messages before it are still delivered', role => {
    const end = new End(role)
    const cause = new Error('ECONNRESET')
    end.protocol.send('accepted')
    end.protocol.pause()
    end.receive(text('one'), text('two', { fin: false }))
    end.protocol.receiveEnd(cause)
    expect(end.closings).toMatchObject([{ code: 1006, wasClean: false, by: 'network', cause: { cause } }])
    expect(end.protocol).toMatchObject({ state: 'closing', transportAction: 'end' })
    expect([end.protocol.send('late'), end.protocol.ping(), end.protocol.stream('text')]).toEqual([
      false,
      false,
      undefined,
    ])
    expect(end.written()).toEqual(['text: accepted'])
    expect(end.events).toEqual([])
    end.protocol.resume()
    expect(end.events).toEqual(['text: one', 'closed abnormally by network: 1006'])
    expect(end.reports[0]).toBe(end.closings[0])
    expect(end.closings).toHaveLength(1)
    expect(end.written()).toEqual([])
  })

  test('finds a Close before it, and messages can be sent until its turn', () => {
    const end = new End('server')
    end.protocol.pause()
    end.receive(text('one'), close(4000))
    end.protocol.receiveEnd()
    expect(end.closings).toMatchObject([{ code: 4000, wasClean: true, by: 'peer' }])
    expect([end.protocol.send('answer'), end.protocol.transportAction]).toEqual([true, 'open'])
    end.protocol.resume()
    expect(end.events).toEqual(['text: one', 'closed cleanly by peer: 4000'])
    expect(end.protocol.transportAction).toBe('end')
    expect(end.written()).toEqual(['text: answer', 'close: 4000'])
  })

  test('by an error behind a Close ends sending too, and keeps the report', () => {
    const end = new End('server')
    end.protocol.pause()
    end.receive(text('one'), close(4000))
    end.protocol.receiveEnd()
    end.protocol.receiveEnd(new Error('ECONNRESET'))
    expect(end.protocol.send('late')).toBe(false)
    expect(end.protocol.transportAction).toBe('end')
    end.protocol.resume()
    expect(end.events).toEqual(['text: one', 'closed cleanly by peer: 4000'])
    expect(end.reports).toEqual([{ code: 4000, reason: '', wasClean: true, by: 'peer' }])
    expect(end.closings).toHaveLength(1)
    expect(end.written()).toEqual([])
  })

  test('keeps its report if a message before it fails the connection', () => {
    const end = new End('server')
    end.protocol.pause()
    end.receive({ opcode: 3 })
    end.protocol.receiveEnd()
    end.protocol.resume()
    expect(end.events).toEqual(['closed abnormally by network: 1006'])
    expect(end.written()).toEqual([])
  })

  test('is reported once if it is received in an event that pauses', () => {
    const end = new End('server', {
      on: (event, protocol) => {
        if (!event.startsWith('text')) return
        protocol.pause()
        protocol.receiveEnd()
      },
    })
    end.receive(text('one'), text('two'))
    expect(end.closings).toMatchObject([{ code: 1006 }])
    end.protocol.resume()
    expect(end.protocol.state).toBe('closing')
    end.protocol.resume()
    expect(end.events).toEqual(['text: one', 'text: two', 'closed abnormally by network: 1006'])
    expect(end.closings).toHaveLength(1)
  })

  test('closes at once if the sink resumes', () => {
    const end = new End('server', { onClosing: (_, protocol) => protocol.resume() })
    end.protocol.pause()
    end.receive(text('one'), close(4000))
    end.protocol.receiveEnd()
    expect(end.events).toEqual(['text: one', 'closed cleanly by peer: 4000'])
    expect(end.closings).toHaveLength(1)
  })

  test('waits for an extension at work', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    end.receive(text('turned', { rsv: 4 }))
    end.protocol.receiveEnd()
    expect(end.closings).toHaveLength(1)
    expect(end.events).toEqual([])
    extension.jobs[0]!()
    await settled()
    expect(end.events).toHaveLength(2)
    expect(extension.closed).toBe(1)
  })
})

test.each(ROLES)('C7: two Close frames that cross give a %s one clean report', role => {
  const [here, there] = [new End(role), new End(peerOf(role))]
  here.protocol.close(1000, 'one')
  there.protocol.close(1001, 'two')
  const [fromHere, fromThere] = [here.protocol.takeOutput(), there.protocol.takeOutput()]
  for (const bytes of fromHere) there.protocol.receive(bytes)
  for (const bytes of fromThere) here.protocol.receive(bytes)
  expect(here.events).toEqual(['closed cleanly by local: 1001 two'])
  expect(there.events).toEqual(['closed cleanly by local: 1000 one'])
  expect([...here.written(), ...there.written()]).toEqual([])
})
