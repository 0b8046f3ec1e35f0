import { Opcode } from '@ws/frame'
import { describe, expect, test } from 'vitest'
import { ConnectionEnd, close, settled, text } from '../test/connection-end.ts'

describe('Connection.open', () => {
  test('calls the open handler before it reads what was received with the handshake', async () => {
    const calls: string[] = []
    const end = new ConnectionEnd({
      open: socket => void calls.push(`open ${socket.state}`),
      message: (_, data) => void calls.push(`message ${data}`),
    })
    end.open(Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69))
    expect(calls).toEqual(['open open', 'message hi'])
    end.connection.terminate()
  })

  test('writes what the open handler sends without a further event', async () => {
    const end = new ConnectionEnd({ open: socket => socket.send('welcome') }).open()
    await settled()
    expect(end.frames).toEqual(['text welcome'])
    end.connection.terminate()
  })
})

describe('the owner of a connection', () => {
  test('is notified of the close report first, and of the closed transport after it', async () => {
    const end = new ConnectionEnd({
      close: (_, { code }) => void end.events.push(`close handler ${code}`),
    }).open()
    await end.receive(close(1000))
    expect(end.frames).toEqual(['close 1000'])
    end.peer.end()
    await settled()
    expect(end.events).toEqual(['connection closed', 'close handler 1000', 'connection finished'])
  })

  test('is notified of the report at once, and of the rest when the pending handler has settled', async () => {
    const handler = Promise.withResolvers<void>()
    const end = new ConnectionEnd({
      message: () => handler.promise,
      close: (_, { code }) => void end.events.push(`close handler ${code}`),
    }).open()
    await end.receive(text('hello'))
    end.transport.destroy()
    await settled()
    expect(end.transport.closed).toBe(true)
    expect(end.events).toEqual(['connection closed'])
    handler.resolve()
    await settled()
    expect(end.events).toEqual(['connection closed', 'close handler 1006', 'connection finished'])
  })

  test('is notified once when the connection is terminated inside the close handler', async () => {
    const end = new ConnectionEnd({ close: socket => socket.terminate() }).open()
    await end.receive(close(1000))
    await settled()
    expect(end.events).toEqual(['connection closed', 'connection finished'])
  })
})

describe('Connection.state', () => {
  test('is closing while the report of a destroyed transport waits for a handler', async () => {
    const handler = Promise.withResolvers<void>()
    const end = new ConnectionEnd({ message: () => handler.promise }).open()
    await end.receive(text('hello'))
    end.transport.destroy()
    await settled()
    expect([end.connection.protocol.state, end.connection.state]).toEqual(['closing', 'closing'])
    handler.resolve()
    await settled()
    expect(end.connection.state).toBe('closed')
  })
})

describe('Connection.closed', () => {
  test('resolves with one report, whether it is asked for before or after the end', async () => {
    const end = new ConnectionEnd().open()
    const before = end.connection.closed
    end.connection.terminate(new Error('enough'))
    const report = await before
    expect(report).toMatchObject({ code: 1006, by: 'local', cause: { message: 'enough' } })
    expect(await end.connection.closed).toBe(report)
  })
})

describe('Connection.closeWhenIdle', () => {
  test('waits for the pending handler', async () => {
    const handler = Promise.withResolvers<void>()
    const end = new ConnectionEnd({ message: () => handler.promise }).open()
    await end.receive(text('hello'))
    end.connection.closeWhenIdle(1001, 'later')
    await settled()
    expect(end.frames).toEqual([])
    handler.resolve()
    await settled()
    expect(end.frames).toEqual(['close 1001 later'])
    end.connection.terminate()
  })

  test('closes at once when no handler is pending', async () => {
    const end = new ConnectionEnd().open()
    end.connection.closeWhenIdle(1001, 'now')
    await settled()
    expect(end.frames).toEqual(['close 1001 now'])
    end.connection.terminate()
  })
})

test('Connection.closeNow writes the Close frame although a handler is pending', async () => {
  const end = new ConnectionEnd({ message: () => new Promise<void>(() => {}) }).open()
  await end.receive(text('hello'))
  const cause = new Error('time is up')
  end.connection.closeNow(1001, 'bye', cause)
  expect(await end.connection.closed).toMatchObject({
    code: 1006,
    by: 'local',
    cause: { code: 'ERR_WS_TERMINATED', cause },
  })
  expect(end.transport.destroyed).toBe(true)
})

describe('Connection.tick', () => {
  const options = { pingInterval: 100, pongTimeout: 50 }

  test('pings a silent peer, and terminates it when it does not answer', async () => {
    const end = new ConnectionEnd({}, options).open()
    end.connection.tick(1, 1)
    end.connection.tick(111, 110)
    await settled()
    expect(end.frames).toEqual([expect.stringMatching(/^ping /)])
    end.connection.tick(161, 50)
    end.connection.tick(162, 1)
    expect(await end.connection.closed).toMatchObject({
      by: 'local',
      cause: { code: 'ERR_WS_PONG_TIMEOUT', message: 'no sign of life within 50 ms of a ping' },
    })
  })

  test('measures the latency by the pong to its ping, and no other', async () => {
    const end = new ConnectionEnd({}, options).open()
    end.connection.tick(1, 1)
    end.connection.tick(111, 110)
    await settled()
    await end.receive({ opcode: Opcode.pong })
    expect(end.connection.latency).toBe(undefined)
    await end.receive({ opcode: Opcode.pong, payload: end.decoded[0]!.payload })
    expect(end.connection.latency).toBeGreaterThan(0)
    end.connection.terminate()
  })
})

test('Connection.fail reports the error once, counts it and closes with 1011', async () => {
  const bug = new Error('a bug')
  const end = new ConnectionEnd().open()
  end.connection.fail(bug)
  await settled()
  expect(end.errors).toEqual([bug])
  expect(end.counters.errors).toBe(1)
  expect(end.frames).toEqual(['close 1011 internal error'])
  end.connection.terminate()
})
