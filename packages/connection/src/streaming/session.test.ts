import { type CloseInfo, type Message, Protocol, type ProtocolSink, type Role } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import { AsyncQueue } from './async-queue.ts'
import { runSession } from './session.ts'

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))

type Session = (socket: FakeConnection) => void | Promise<void>

/** A minimal connection over a protocol, which is also its own socket. */
class FakeConnection implements ProtocolSink {
  readonly protocol: Protocol = new Protocol('server' satisfies Role, this)
  readonly errors: unknown[] = []
  readonly #messages = new AsyncQueue<Message>()
  report: CloseInfo | undefined

  open(session: Session): Promise<void> {
    return runSession(() => session(this), this.#messages, this)
  }

  message(data: Message) {
    this.protocol.pause()
    this.#messages.deliver(data, () => this.protocol.resume())
  }

  close(report: CloseInfo): void
  close(code?: number, reason?: string): void
  close(reportOrCode?: CloseInfo | number, reason?: string) {
    if (typeof reportOrCode !== 'object') {
      this.protocol.close(reportOrCode, reason)
      return
    }
    this.report = reportOrCode
    this.#messages.end()
  }

  fail(error: unknown) {
    this.errors.push(error)
    this.protocol.fail(error)
  }

  [Symbol.asyncIterator]() {
    return this.#messages[Symbol.asyncIterator]()
  }
}

/** A server that runs the session, and a client. `settle` exchanges bytes until both are silent. */
function connect(session: Session) {
  const server = new FakeConnection()
  const received: (string | Uint8Array)[] = []
  const reports: CloseInfo[] = []
  const client = new Protocol('client', {
    message: data => void received.push(data),
    close: report => void reports.push(report),
  })
  const settle = async () => {
    for (let quiet = 0; quiet < 2; quiet++) {
      await nextTurn()
      for (const chunk of server.protocol.takeOutput()) {
        quiet = 0
        client.receive(chunk.slice())
      }
      for (const chunk of client.takeOutput()) {
        quiet = 0
        server.protocol.receive(chunk.slice())
      }
    }
  }
  void server.open(session)
  return { server, client, received, reports, settle }
}

describe('a session', () => {
  test('handles every message and ends when the peer closes', async () => {
    let ended = false
    const { server, client, received, reports, settle } = connect(async socket => {
      for await (const message of socket) socket.protocol.send(message)
      ended = true
    })
    client.send('one')
    client.send(new Uint8Array([2]))
    client.close(1000, 'bye')
    await settle()
    expect(received).toEqual(['one', new Uint8Array([2])])
    expect(ended).toBe(true)
    expect(server.report).toMatchObject({ code: 1000, reason: 'bye', wasClean: true, by: 'peer' })
    expect(reports).toMatchObject([{ code: 1000, wasClean: true }])
    expect(server.errors).toEqual([])
  })

  test('ends when the network fails', async () => {
    let ended = false
    const { server, settle } = connect(async socket => {
      for await (const _ of socket);
      ended = true
    })
    server.protocol.receiveEnd(new Error('reset'))
    await settle()
    expect(ended).toBe(true)
    expect(server.report).toMatchObject({ code: 1006, by: 'network' })
    expect(server.errors).toEqual([])
  })

  test('handles one message at a time, and leaves the rest undecoded', async () => {
    const log: string[] = []
    const pending: (() => void)[] = []
    const { server, client, settle } = connect(async socket => {
      for await (const message of socket) {
        log.push(`begin ${message}`)
        await new Promise<void>(resolve => pending.push(resolve))
        log.push(`end ${message}`)
      }
    })
    for (const text of ['a', 'b', 'c']) client.send(text)
    await settle()
    expect(log).toEqual(['begin a'])
    expect(server.protocol.isPaused).toBe(true)
    expect(server.protocol.unreadLength).toBe(2 * 7)
    for (let i = 0; i < 3; i++) {
      pending.shift()!()
      await settle()
    }
    expect(log).toEqual(['a', 'b', 'c'].flatMap(text => [`begin ${text}`, `end ${text}`]))
    expect(server.protocol.isPaused).toBe(false)
  })

  test('receives all messages even if it begins to read late', async () => {
    let begin = () => {}
    const seen: unknown[] = []
    const { client, settle } = connect(async socket => {
      await new Promise<void>(resolve => {
        begin = resolve
      })
      for await (const message of socket) seen.push(message)
    })
    client.send('early')
    client.send('bird')
    client.close()
    await settle()
    begin()
    await settle()
    expect(seen).toEqual(['early', 'bird'])
  })

  test('closes with 1000 and drops unread messages when it returns', async () => {
    const { server, client, reports, settle } = connect(async socket => {
      await nextTurn()
      socket.protocol.send('enough')
    })
    for (let i = 0; i < 5; i++) client.send('dropped')
    await settle()
    expect(reports).toMatchObject([{ code: 1000, wasClean: true, by: 'peer' }])
    expect(server.report).toMatchObject({ code: 1000, wasClean: true, by: 'local' })
    expect(server.protocol.isPaused).toBe(false)
    expect(server.errors).toEqual([])
  })

  test('can close with a code of its own', async () => {
    const { reports, settle } = connect(socket => socket.close(4000, 'mine'))
    await settle()
    expect(reports).toMatchObject([{ code: 4000, reason: 'mine' }])
  })

  test('closes with 1000 when it returns after leaving its loop', async () => {
    const { client, reports, received, settle } = connect(async socket => {
      for await (const message of socket) if (message === 'stop') break
      socket.protocol.send('bye')
    })
    for (const text of ['go', 'stop', 'dropped', 'dropped']) client.send(text)
    await settle()
    expect(received).toEqual(['bye'])
    expect(reports).toMatchObject([{ code: 1000, wasClean: true }])
  })

  test.each([
    [
      'inside its loop',
      async (socket: FakeConnection) => {
        for await (const _ of socket) throw new Error('mine')
      },
    ],
    [
      'before its loop',
      async () => {
        await nextTurn()
        throw new Error('mine')
      },
    ],
    [
      'synchronously',
      () => {
        throw new Error('mine')
      },
    ],
  ])('reports the error and closes with 1011 when it throws %s', async (_, session) => {
    const { server, client, reports, settle } = connect(session)
    client.send('one')
    client.send('two')
    await settle()
    expect(server.errors).toEqual([new Error('mine')])
    expect(reports).toMatchObject([{ code: 1011 }])
    expect(server.report).toMatchObject({
      code: 1011,
      by: 'local',
      cause: { code: 'ERR_WS_INTERNAL_ERROR', cause: new Error('mine') },
    })
  })

  test('throws a TypeError when its socket is read by two loops', async () => {
    const { server, settle } = connect(async socket => {
      socket[Symbol.asyncIterator]()
      for await (const _ of socket);
    })
    await settle()
    expect(server.errors).toMatchObject([{ name: 'TypeError' }])
  })
})

test('runSession resolves when its session throws', async () => {
  const socket = new FakeConnection()
  await socket.open(() => Promise.reject(new Error('mine')))
  expect(socket.errors).toEqual([new Error('mine')])
})
