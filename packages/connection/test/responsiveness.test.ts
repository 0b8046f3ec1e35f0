// Connections whose handlers are pending: they still answer pings, and notice that the peer has
// closed or is gone.

import type { CloseInfo } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import type { Socket } from '../src/socket.ts'
import { ConnectionEnd, close, ping, pong, settled, text } from './connection-end.ts'

/** Handlers that stay pending until the test settles them, and a record of everything else. */
function pendingEnd(options: ConstructorParameters<typeof ConnectionEnd>[1] = {}) {
  const told: string[] = []
  const gates: PromiseWithResolvers<void>[] = []
  const end = new ConnectionEnd(
    {
      message(_socket, data) {
        told.push(String(data))
        gates.push(Promise.withResolvers())
        return gates.at(-1)!.promise
      },
      ping: (_, payload) => told.push(`ping ${Buffer.from(payload)}`),
      pong: (_, payload) => told.push(`pong ${Buffer.from(payload)}`),
      close: (_, { code, by }) => told.push(`closed ${code} by ${by}`),
    },
    options,
  ).open()
  return { end, told, gates }
}

describe('while a handler is pending', () => {
  test('the newest ping is answered, and the ping handler is called in its turn', async () => {
    const { end, told, gates } = pendingEnd()
    await end.receive(text('slow'), ping('one'), ping('two'))
    expect(end.frames).toEqual(['pong two'])
    await end.receive(ping('three'))
    expect(end.frames).toEqual(['pong two', 'pong three'])
    expect(told).toEqual(['slow'])
    gates[0]!.resolve()
    await settled()
    expect(told).toEqual(['slow', 'ping one', 'ping two', 'ping three'])
    expect(end.frames).toHaveLength(2)
    end.connection.terminate()
  })

  test('pings above the rate are not answered, and close the connection once messages are handled', async () => {
    const { end, told, gates } = pendingEnd({ pingRate: { perSecond: 0.001, burst: 1 } })
    await end.receive(text('slow'), ping('one'), ping('two'), ping('three'))
    expect(end.frames).toEqual(['pong one'])
    expect(end.socket.state).toBe('open')
    gates[0]!.resolve()
    await settled()
    expect(end.frames.slice(1)).toEqual(['close 1008 too many pings (RFC 6455 §7.4.1)'])
    expect(told.at(-1)).toBe('closed 1008 by local')
  })

  test('a pong of a ping of ours gives the latency', async () => {
    const { end } = pendingEnd({ pingInterval: 1000 })
    end.connection.tick(0, 0)
    end.connection.tick(1000, 1000)
    end.connection.tick(2100, 1100)
    await settled()
    expect(end.frames[0]).toMatch(/^ping/)
    const { payload } = end.decoded[0]!
    await end.receive(text('slow'), { ...pong(''), payload })
    expect(end.socket.latency).toBeGreaterThanOrEqual(0)
    end.connection.terminate()
  })

  test('input is looked at only if something waits in it', async () => {
    const { end } = pendingEnd()
    let scans = 0
    end.connection.scan = () => void scans++
    await end.receive(text('slow'))
    expect(scans).toBe(0)
    await end.receive(text('next'))
    expect(scans).toBe(1)
    end.connection.terminate()
  })
})

describe('the Close of the peer while a handler is pending', () => {
  test('changes the state, aborts the signal and resolves closed, and the close handler is called last', async () => {
    const { end, told, gates } = pendingEnd()
    await end.receive(text('slow'))
    const { signal } = end.socket
    let report: CloseInfo | undefined
    void end.socket.closed.then(given => {
      report = given
    })
    await end.receive(text('next'), close(4000))
    expect([end.socket.state, signal.aborted]).toEqual(['closing', true])
    expect(report).toEqual({ code: 4000, reason: '', wasClean: true, by: 'peer' })
    expect(signal.reason).toMatchObject({ name: 'AbortError', cause: report })
    expect(end.events).toEqual(['connection closed'])
    expect(end.socket.send('answer')).toBe(true)
    gates[0]!.resolve()
    await settled()
    expect(end.socket.send('another')).toBe(true)
    expect(told).toEqual(['slow', 'next'])
    gates[1]!.resolve()
    await settled()
    expect(told).toEqual(['slow', 'next', 'closed 4000 by peer'])
    expect(end.frames).toEqual(['text answer', 'text another', 'close 4000'])
    expect(end.socket.state).toBe('closed')
  })

  test('is answered after half of closeTimeout, and messages are still delivered', async () => {
    const { end, told, gates } = pendingEnd({ closeTimeout: 1000 })
    await end.receive(text('slow'), text('next'), close(4000))
    end.connection.tick(0, 0)
    end.connection.tick(499, 499)
    await settled()
    expect(end.frames).toEqual([])
    end.connection.tick(500, 1)
    await settled()
    expect(end.frames).toEqual(['close 4000'])
    expect(end.socket.send('late')).toBe(false)
    gates[0]!.resolve()
    await settled()
    gates[1]!.resolve()
    await settled()
    expect(told).toEqual(['slow', 'next', 'closed 4000 by peer'])
  })

  test('lets an open handler go that awaits the end', async () => {
    const told: string[] = []
    const end = new ConnectionEnd({
      async open(socket) {
        const { code } = await socket.closed
        told.push(`open ${code}`)
      },
      close: () => told.push('close'),
    }).open()
    await end.receive(text('x'), close(1000))
    expect(told).toEqual(['open 1000', 'close'])
    expect(end.frames).toEqual(['close 1000'])
  })

  test('lets a session go that awaits the end and has not read a message', async () => {
    const told: string[] = []
    const end = new ConnectionEnd({
      async session(socket) {
        await socket.closed
        told.push('session')
      },
      close: () => told.push('close'),
    }).open()
    await end.receive(text('unread'))
    await end.receive(close(1000))
    expect(told).toContain('session')
    expect(told).toContain('close')
    expect(end.frames).toEqual(['close 1000'])
  })

  test('lets a session read and answer all messages before it', async () => {
    const told: string[] = []
    const end = new ConnectionEnd({
      async session(socket) {
        for await (const message of socket) {
          await new Promise(setImmediate)
          told.push(String(message))
          socket.send(`re ${String(message)}`)
        }
      },
    }).open()
    await end.receive(text('a'), text('b'), text('c'), close(1000))
    await settled()
    expect(told).toEqual(['a', 'b', 'c'])
    expect(end.frames).toEqual(['text re a', 'text re b', 'text re c', 'close 1000'])
  })

  test('lets web streams pass on and answer all messages before it', async () => {
    const gate = Promise.withResolvers<void>()
    const end = new ConnectionEnd({
      async session(socket) {
        await gate.promise
        const { readable, writable } = socket.streams()
        // The writable stream errors with the end of the connection.
        await readable.pipeTo(writable).catch(() => {})
      },
    }).open()
    await end.receive(text('a'), text('b'), text('c'), close(1000))
    expect(end.socket.state).toBe('closing')
    gate.resolve()
    await settled()
    expect(end.frames).toEqual(['text a', 'text b', 'text c', 'close 1000'])
  })

  test('lets a stream handler go that awaits the end', async () => {
    const told: string[] = []
    const end = new ConnectionEnd({
      async stream(socket, message) {
        for await (const piece of message) told.push(String(piece))
        await socket.closed
        told.push('handled')
      },
      close: () => told.push('close'),
    }).open()
    await end.receive(text('piece'), text('next'), close(1000))
    await settled()
    expect(told).toEqual(['piece', 'handled', 'next', 'handled', 'close'])
  })

  test('lets a message in pieces that is being sent go on', async () => {
    const gate = Promise.withResolvers<void>()
    const end = new ConnectionEnd({
      message: socket =>
        socket.sendStream(
          (async function* () {
            yield 'one'
            await gate.promise
            yield 'two'
          })(),
        ),
    }).open()
    await end.receive(text('go'), close(1000))
    expect(end.socket.state).toBe('closing')
    gate.resolve()
    await settled()
    expect(end.frames).toEqual(['text one', 'continuation 3', 'continuation 0', 'close 1000'])
    expect(end.errors).toEqual([])
  })
})

describe('socket.signal', () => {
  test('is one object, and is aborted from the start on a closed socket', async () => {
    const end = new ConnectionEnd().open()
    expect(end.socket.signal).toBe(end.socket.signal)
    await end.receive(close(1000))
    expect(end.socket.signal.aborted).toBe(true)
    const other = new ConnectionEnd().open()
    await other.receive(close(1001))
    expect(other.socket.signal.reason).toMatchObject({ name: 'AbortError', cause: { code: 1001 } })
    expect(other.socket.signal.reason).toBeInstanceOf(DOMException)
  })

  const aborted = (socket: Socket) =>
    new Promise<never>((_, reject) => {
      socket.signal.addEventListener('abort', () => reject(socket.signal.reason as Error))
    })

  test.each([
    ['open', { open: aborted }],
    ['message', { message: aborted }],
    ['session', { session: aborted }],
    ['stream', { stream: aborted }],
    [
      'message, as a cause',
      {
        message: (socket: Socket) =>
          aborted(socket).catch(error => Promise.reject(new Error('outer', { cause: error }))),
      },
    ],
  ])('a handler that rejects with its reason is not reported as an error: %s', async (_, handlers) => {
    const end = new ConnectionEnd(handlers).open()
    await end.receive(text('x'))
    await end.receive(close(4000))
    await settled()
    expect(end.errors).toEqual([])
    expect(end.frames).toEqual(['close 4000'])
    expect(end.socket.state).toBe('closed')
  })

  test('other errors are reported after the end too', async () => {
    const { end, gates } = pendingEnd()
    await end.receive(text('slow'), close(4000))
    const error = new Error('bug')
    gates[0]!.reject(error)
    await settled()
    expect(end.errors).toEqual([error])
    expect(end.frames).toEqual(['close 1011 internal error'])
    expect(await end.socket.closed).toMatchObject({ code: 4000, by: 'peer' })
  })
})

describe('the end of the transport while a handler is pending', () => {
  test('is noticed, nothing can be sent, and messages before it are delivered', async () => {
    const { end, told, gates } = pendingEnd()
    await end.receive(text('slow'), text('next'))
    end.peer.end()
    await settled()
    expect(end.socket.state).toBe('closing')
    expect(end.socket.signal.reason).toMatchObject({ cause: { code: 1006, by: 'network' } })
    expect(await end.socket.closed).toMatchObject({ code: 1006, by: 'network' })
    expect(end.socket.send('late')).toBe(false)
    expect([end.transport.closed, end.events]).toEqual([true, ['connection closed']])
    gates[0]!.resolve()
    await settled()
    gates[1]!.resolve()
    await settled()
    expect(told).toEqual(['slow', 'next', 'closed 1006 by network'])
    expect(end.events).toEqual(['connection closed', 'connection finished'])
  })

  test('by an error is noticed, and its cause is in the report', async () => {
    const { end, told, gates } = pendingEnd()
    await end.receive(text('slow'))
    const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    end.transport.destroy(error)
    await settled()
    expect(await end.socket.closed).toMatchObject({ code: 1006, cause: { code: 'ECONNRESET' } })
    expect(end.socket.state).toBe('closing')
    gates[0]!.resolve()
    await settled()
    expect(told).toEqual(['slow', 'closed 1006 by network'])
  })

  test('settles ready, and rejects a message in pieces', async () => {
    const gate = Promise.withResolvers<void>()
    const end = new ConnectionEnd({ message: () => gate.promise }, {}, false).open()
    await end.receive(text('slow'))
    expect(end.socket.send('x'.repeat(100_000))).toBe(false)
    const { ready } = end.socket
    const sending = end.socket.sendStream(['a', 'b'])
    const failed = expect(sending).rejects.toMatchObject({ code: 'ERR_WS_INCOMPLETE_MESSAGE' })
    end.transport.destroy()
    await ready
    await failed
    gate.resolve()
  })

  test('frees the place of the connection after closeTimeout, and the handler is still awaited', async () => {
    const { end, told, gates } = pendingEnd({ closeTimeout: 1000 })
    await end.receive(text('slow'))
    end.transport.destroy()
    await settled()
    end.connection.tick(0, 0)
    end.connection.tick(999, 999)
    expect(end.events).toEqual(['connection closed'])
    end.connection.tick(1000, 1)
    expect(end.events).toEqual(['connection closed', 'connection finished'])
    end.connection.tick(3000, 2000)
    gates[0]!.resolve()
    await settled()
    expect(told).toEqual(['slow', 'closed 1006 by network'])
    expect(end.events).toHaveLength(2)
  })
})

describe('close while a handler is pending', () => {
  test('drops messages that have not been delivered, and later ones', async () => {
    const { end, told, gates } = pendingEnd()
    await end.receive(text('slow'), text('unread'), ping('p'))
    end.socket.close(1000)
    await end.receive(text('late'), close(1000))
    expect(await end.socket.closed).toMatchObject({ code: 1000, by: 'local', wasClean: true })
    expect(told).toEqual(['slow', 'ping p'])
    gates[0]!.resolve()
    await settled()
    expect(told).toEqual(['slow', 'ping p', 'closed 1000 by local'])
  })

  test('can be awaited in the handler', async () => {
    const told: string[] = []
    const end = new ConnectionEnd({
      async message(socket) {
        socket.close(1008)
        await socket.closed
        told.push('handled')
      },
      close: () => told.push('closed'),
    }).open()
    await end.receive(text('x'), text('y'))
    await end.receive(close(1008))
    await settled()
    expect(told).toEqual(['handled', 'closed'])
  })

  test('reads on above 64 KiB, so that the answer is found', async () => {
    const { end } = pendingEnd()
    await end.receive(text('slow'))
    await end.receive(text('x'.repeat(70_000)))
    expect(end.transport.isPaused()).toBe(true)
    end.socket.close(1000)
    await end.receive(text('y'.repeat(70_000)), close(1000))
    expect(end.transport.isPaused()).toBe(false)
    expect(await end.socket.closed).toMatchObject({ code: 1000, wasClean: true })
  })

  test('ends at closeTimeout if it is not answered', async () => {
    const { end, told, gates } = pendingEnd({ closeTimeout: 1000 })
    await end.receive(text('slow'))
    end.socket.close(1000)
    end.connection.tick(0, 0)
    end.connection.tick(1000, 1000)
    expect(await end.socket.closed).toMatchObject({ code: 1006, cause: { code: 'ERR_WS_CLOSE_TIMEOUT' } })
    gates[0]!.resolve()
    await settled()
    expect(told).toEqual(['slow', 'closed 1006 by local'])
  })

  test('calls no handler inside of the caller', async () => {
    const { end, told } = pendingEnd()
    end.socket.pause()
    await end.receive(text('unread'), close(4000))
    end.socket.close(1000)
    expect(told).toEqual([])
    await settled()
    expect(told).toEqual(['closed 4000 by peer'])
  })

  test('by the owner, once idle, delivers messages until the Close of the peer', async () => {
    const { end, told, gates } = pendingEnd()
    await end.receive(text('slow'), text('next'))
    end.connection.closeWhenIdle(1001, '')
    gates[0]!.resolve()
    await settled()
    expect(told).toEqual(['slow', 'next'])
    expect(end.frames).toEqual(['close 1001'])
    await end.receive(text('last'), close(1001))
    expect(await end.socket.closed).toMatchObject({ code: 1001, wasClean: true })
    gates[1]!.resolve()
    await settled()
    gates[2]!.resolve()
    await settled()
    expect(told).toEqual(['slow', 'next', 'last', 'closed 1001 by local'])
  })
})
