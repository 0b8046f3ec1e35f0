// Topics over real sockets, some of which do not read (docs/hostile-inputs.md, rows R5 and R10).

import { setImmediate as nextTurn } from 'node:timers/promises'
import { concat } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { type PublishOptions, prepare, type Socket, type SocketPublishOptions } from '../src/index.ts'
import { close, FramePeer, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'

const MEBIBYTE = 2 ** 20

/** A server whose sockets subscribe to the topics in their query: `?a,b`. */
function start(options: ConstructorParameters<typeof RecordingServer>[0] = {}): Promise<RecordingServer> {
  return RecordingServer.start({
    ...options,
    open(socket) {
      for (const topic of socket.search.slice(1).split(',')) if (topic !== '') socket.subscribe(topic)
    },
  })
}

async function join(recorder: RecordingServer, ...topics: string[]): Promise<Member[]> {
  const members: Member[] = []
  for (const names of topics) {
    const peer = await FramePeer.open(recorder.port, { path: `/?${names}` })
    members.push({ peer, socket: [...recorder.server.sockets].at(-1)! })
  }
  return members
}

interface Member {
  readonly peer: FramePeer
  readonly socket: Socket
}

async function leave(members: readonly Member[]): Promise<void> {
  for (const { peer } of members) await peer[Symbol.asyncDispose]()
}

describe('WebSocketServer.publish', () => {
  test('reaches all subscribers but the excepted one, and returns their number', async () => {
    await using recorder = await start()
    const { server } = recorder
    const members = await join(recorder, 'room', 'room,other', 'other')
    const [a, b, c] = members as [Member, Member, Member]
    expect(server.publish('room', 'to a and b')).toBe(2)
    expect(server.publish('other', 'to b', { except: c.socket })).toBe(1)
    expect(server.publish('other', Uint8Array.of(1, 2))).toBe(2)
    expect(server.publish('nowhere', 'x')).toBe(0)
    expect(await a.peer.frames(1)).toEqual(['text to a and b'])
    expect(await b.peer.frames(3)).toEqual(['text to a and b', 'text to b', 'binary 2 bytes'])
    expect(await c.peer.frames(1)).toEqual(['binary 2 bytes'])
    await leave(members)
  })

  test('keeps the order of published messages and of other messages to a socket', async () => {
    await using recorder = await start()
    const members = await join(recorder, 'a,b', 'a,b')
    for (let i = 0; i < 100; i++) {
      recorder.server.publish(i % 3 === 0 ? 'a' : 'b', `${i}`)
      members[0]!.socket.send(`own ${i}`)
    }
    const all = Array.from({ length: 100 }, (_, i) => `text ${i}`)
    expect(await members[0]!.peer.frames(200)).toEqual(all.flatMap((line, i) => [line, `text own ${i}`]))
    expect(await members[1]!.peer.frames(100)).toEqual(all)
    await leave(members)
  })

  test('writes once per socket and turn, with the same buffer for all sockets', async () => {
    await using recorder = await start()
    const members = await join(recorder, ...Array(10).fill('room'))
    await nextTurn()
    const writes: Uint8Array[][][] = recorder.transports.map(transport => {
      const calls: Uint8Array[][] = []
      const { _write, _writev } = transport
      transport._write = (chunk: Uint8Array, ...rest) => {
        calls.push([chunk])
        _write.call(transport, chunk, ...rest)
      }
      transport._writev = (chunks, ...rest) => {
        calls.push(chunks.map(({ chunk }) => chunk as Uint8Array))
        _writev!.call(transport, chunks, ...rest)
      }
      return calls
    })
    expect(recorder.server.publish('room', 'encoded once')).toBe(10)
    await nextTurn()
    for (const calls of writes) {
      expect(calls).toHaveLength(1)
      expect(calls[0]![0]!.buffer).toBe(writes[0]![0]![0]!.buffer)
      expect(calls[0]![0]!.byteOffset).toBe(writes[0]![0]![0]!.byteOffset)
    }
    for (let i = 0; i < 20; i++) recorder.server.publish('room', `${i}`)
    await nextTurn()
    for (const calls of writes) expect(calls).toHaveLength(2)
    for (const { peer } of members) expect(await peer.frames(21)).toHaveLength(21)
    await leave(members)
  })

  test('accepts a prepared message, as send does', async () => {
    await using recorder = await start()
    const members = await join(recorder, 'room', 'room')
    const message = prepare('x'.repeat(20_000))
    expect(recorder.server.publish('room', message)).toBe(2)
    for (const { socket } of members) expect(socket.send(message)).toBe(true)
    const line = `text ${'x'.repeat(20_000)}`
    for (const { peer } of members) expect(await peer.frames(2)).toEqual([line, line])
    await leave(members)
  })

  test('can exclude the sender in a message handler', async () => {
    await using recorder = await RecordingServer.start({
      open: socket => socket.subscribe('room'),
      message: (socket, data) => void recorder.server.publish('room', data, { except: socket }),
    })
    const members = await join(recorder, '', '', '')
    await members[0]!.peer.send(text('hello'), text('again'))
    for (const { peer } of members.slice(1)) {
      expect(await peer.frames(2)).toEqual(['text hello', 'text again'])
    }
    expect(recorder.server.stats().messagesSent).toBe(4)
    await leave(members)
  })

  test('accepts the option local, which changes nothing without a backplane', async () => {
    await using recorder = await start()
    const members = await join(recorder, 'room')
    expect(recorder.server.publish('room', 'here', { local: true })).toBe(1)
    expect(await members[0]!.peer.frames(1)).toEqual(['text here'])
    await leave(members)
  })

  test('neither counts nor reaches closing sockets', async () => {
    await using recorder = await start()
    const members = await join(recorder, 'room', 'room')
    members[0]!.socket.close(1000)
    expect(recorder.server.publish('room', 'too late for one')).toBe(1)
    expect(await members[0]!.peer.frames(1)).toEqual(['close 1000'])
    expect(await members[1]!.peer.frames(1)).toEqual(['text too late for one'])
    await leave(members)
  })

  test.each<[PublishOptions, typeof TypeError | typeof RangeError]>([
    [{ slow: 'drop' as 'latest' }, TypeError],
    [{ slow: 'drop-oldest', keep: 0 }, RangeError],
    [{ keep: 1 } as unknown as PublishOptions, TypeError],
    [{ slow: 'close', key: 'x' } as unknown as PublishOptions, TypeError],
    [{ except: {} as Socket }, TypeError],
    [{ except: null as unknown as Socket }, TypeError],
    [{ slow: 'latest', key: 1 as unknown as string }, TypeError],
    [{ to: 'x' } as unknown as PublishOptions, TypeError],
  ])('throws for the options %j', async (options, type) => {
    await using recorder = await start()
    expect(() => recorder.server.publish('room', 'x', options)).toThrow(type)
    expect(() => recorder.server.publish('room', 1 as unknown as string)).toThrow(TypeError)
  })
})

describe('Socket.publish', () => {
  test('reaches all subscribers but the socket itself, whether or not it is one', async () => {
    await using recorder = await RecordingServer.start({
      open: socket => void (socket.search !== '?outsider' && socket.subscribe('room')),
      message: (socket, data) => socket.publish('room', data),
    })
    const members = await join(recorder, '', '', '')
    await using outsider = await FramePeer.open(recorder.port, { path: '/?outsider' })
    await members[0]!.peer.send(text('from a member'))
    for (const { peer } of members.slice(1)) expect(await peer.frames(1)).toEqual(['text from a member'])
    await outsider.send(text('from outside'))
    expect(await members[0]!.peer.frames(1)).toEqual(['text from outside'])
    expect(members[1]!.socket.publish('room', 'x')).toBe(2)
    expect(members[1]!.socket.publish('nowhere', 'x')).toBe(0)
    await leave(members)
  })

  test('works in the close handler', async () => {
    await using recorder = await RecordingServer.start({
      open: socket => socket.subscribe('room'),
      close: (socket, { code }) => socket.publish('room', `#${socket.id} left with ${code}`),
    })
    const members = await join(recorder, '', '')
    await members[0]!.peer.send(close(1000))
    expect(await members[1]!.peer.frames(1)).toEqual(['text #1 left with 1000'])
    await leave(members)
  })

  test('throws for wrong options', async () => {
    await using recorder = await start()
    const members = await join(recorder, 'room')
    const { socket } = members[0]!
    const wrong = { except: socket } as unknown as SocketPublishOptions
    expect(() => socket.publish('room', 'x', wrong)).toThrow('unknown option "except"')
    await leave(members)
  })
})

describe('the subscribers of a topic', () => {
  test('are a live set of sockets, and a loop may close them', async () => {
    await using recorder = await start()
    const subscribers = recorder.server.subscribers('room')
    expect([subscribers.size, ...subscribers]).toEqual([0])
    const members = await join(recorder, 'room', 'other', 'room')
    expect(subscribers.size).toBe(2)
    expect([...subscribers].map(({ id }) => id)).toEqual([1, 3])
    for (const socket of subscribers) {
      socket.unsubscribe('room')
      socket.terminate()
    }
    expect([subscribers.size, ...subscribers]).toEqual([0])
    await leave(members)
  })

  test('are closed together, and the number of open ones is returned', async () => {
    await using recorder = await start()
    const { server } = recorder
    const members = await join(recorder, 'user:1', 'user:1', 'user:2', 'user:1')
    members[3]!.socket.close(1000)
    expect(server.closeSubscribers('user:1', 4001, 'logged out')).toBe(2)
    expect(server.closeSubscribers('user:1', 4001, 'logged out')).toBe(0)
    expect(server.closeSubscribers('nobody')).toBe(0)
    for (const { peer } of members.slice(0, 2))
      expect(await peer.frames(1)).toEqual(['close 4001 logged out'])
    expect(server.closeSubscribers('user:2')).toBe(1)
    expect(await members[2]!.peer.frames(1)).toEqual(['close'])
    await leave(members)
  })

  test('cannot be closed with a code that must not be sent, even if there are none', async () => {
    await using recorder = await start()
    expect(() => recorder.server.closeSubscribers('nobody', 1005)).toThrow(RangeError)
    expect(() => recorder.server.closeSubscribers('nobody', 4000, 'x'.repeat(124))).toThrow(RangeError)
  })
})

describe('a subscription', () => {
  test('ends with unsubscribe or with the socket, and reports changes', async () => {
    await using recorder = await start()
    const { server } = recorder
    const members = await join(recorder, 'room', 'room')
    const [a, b] = members as [Member, Member]
    expect(a.socket.subscribe('room')).toBe(false)
    expect(a.socket.subscribe('other')).toBe(true)
    expect([...a.socket.topics]).toEqual(['room', 'other'])
    expect(a.socket.unsubscribe('room')).toBe(true)
    expect(a.socket.unsubscribe('room')).toBe(false)
    expect([server.subscribers('room').size, server.subscribers('other').size]).toEqual([1, 1])
    await b.peer.send(close(1000))
    await b.peer.ended()
    await recorder.until('close')
    expect(server.subscribers('room').size).toBe(0)
    expect(server.publish('room', 'x')).toBe(0)
    a.socket.terminate()
    expect([...a.socket.topics]).toEqual([])
    expect(server.subscribers('other').size).toBe(0)
    expect(a.socket.subscribe('room')).toBe(false)
    expect(server.subscribers('room').size).toBe(0)
    await leave(members)
  })

  test('has ended before the close handler is called, which cannot renew it', async () => {
    const found: unknown[] = []
    await using recorder = await RecordingServer.start({
      open: socket => socket.subscribe('room'),
      close: socket => void found.push(recorder.server.subscribers('room').size, socket.subscribe('room')),
    })
    await using peer = await FramePeer.open(recorder.port, { first: close(1000) })
    await peer.ended()
    expect(found).toEqual([0, false])
  })

  test('R10: throws above maxTopics, which closes with 1011 if the handler does not catch it', async () => {
    await using recorder = await RecordingServer.start({
      maxTopics: 3,
      message: (socket, data) => socket.subscribe(String(data)),
    })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(...['a', 'b', 'c', 'a', 'd'].map(topic => text(topic)))
    expect(await peer.ended()).toEqual(['close 1011 internal error'])
    expect(recorder.errors).toEqual([
      new RangeError('a subscriber may listen to at most 3 topics (maxTopics)'),
    ])
    expect(recorder.messages).toHaveLength(5)
  })

  test('throws for a topic that is not a string', async () => {
    await using recorder = await start()
    const members = await join(recorder, '')
    expect(() => members[0]!.socket.subscribe(1 as unknown as string)).toThrow(TypeError)
    await leave(members)
  })
})

describe('R5: a subscriber that does not read', () => {
  /** Two subscribers. The first does not read, and its queue exceeds the buffers of the kernel. */
  async function withSlow(options: Parameters<typeof start>[0] = {}) {
    const recorder = await start({ maxBufferedAmount: 64 * MEBIBYTE, ...options })
    const members = await join(recorder, 'room', 'room')
    const [slow, other] = members as [Member, Member]
    slow.peer.raw.pause()
    for (let i = 0; i < 16; i++) slow.socket.send(new Uint8Array(MEBIBYTE))
    await nextTurn()
    expect(slow.socket.bufferedAmount).toBeGreaterThan(MEBIBYTE)
    return {
      recorder,
      server: recorder.server,
      slow,
      other,
      /** Lets the slow subscriber read, and returns its messages from the topic up to `last`. */
      async read(last: string): Promise<readonly string[]> {
        slow.peer.raw.resume()
        await slow.peer.raw.until(bytes =>
          Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(last),
        )
        const frames = await slow.peer.frames(17)
        return frames.filter(line => line.startsWith('text'))
      },
      async [Symbol.asyncDispose]() {
        await leave(members)
        await recorder[Symbol.asyncDispose]()
      },
    }
  }

  const hundred = Array.from({ length: 100 }, (_, i) => `message ${i}`)
  const lines = hundred.map(message => `text ${message}`)

  test("receives all messages later with 'queue'", async () => {
    await using it = await withSlow()
    for (const message of hundred) expect(it.server.publish('room', message)).toBe(2)
    expect(await it.other.peer.frames(100)).toEqual(lines)
    expect(await it.read('message 99')).toEqual(lines)
    expect(it.server.stats()).toMatchObject({ dropped: 0, messagesSent: 216 })
  })

  test("is terminated above maxBufferedAmount with 'queue', and no longer counted", async () => {
    await using it = await withSlow({ maxBufferedAmount: 17 * MEBIBYTE })
    const { recorder, server } = it
    const message = new Uint8Array(MEBIBYTE)
    const counts: number[] = []
    for (let i = 0; i < 20; i++) {
      counts.push(server.publish('room', message))
      expect(counts.at(-1)).toBe(server.subscribers('room').size)
    }
    await recorder.until('close')
    expect(recorder.reports).toMatchObject([{ code: 1006, by: 'local', cause: { message: /does not read/ } }])
    const ended = counts.indexOf(1)
    expect(ended).toBeGreaterThan(0)
    expect(counts).toEqual([...Array(ended).fill(2), ...Array(20 - ended).fill(1)])
    expect(await it.other.peer.frames(20)).toEqual(Array(20).fill('binary 1048576 bytes'))
  })

  test("receives the newest `keep` messages with 'drop-oldest', while the others are counted", async () => {
    await using it = await withSlow()
    for (const message of hundred) {
      expect(it.server.publish('room', message, { slow: 'drop-oldest', keep: 10 })).toBe(2)
    }
    expect(it.server.stats().dropped).toBe(90)
    expect(await it.other.peer.frames(100)).toEqual(lines)
    expect(await it.read('message 99')).toEqual(lines.slice(90))
    expect(it.server.stats().dropped).toBe(90)
  })

  test("receives the newest message of each key with 'latest'", async () => {
    await using it = await withSlow()
    for (const [i, message] of hundred.entries()) {
      it.server.publish('room', message, { slow: 'latest', key: i % 2 === 0 ? 'even' : 'odd' })
    }
    expect(it.server.stats().dropped).toBe(98)
    expect(await it.other.peer.frames(100)).toEqual(lines)
    expect(await it.read('message 99')).toEqual(lines.slice(98))
  })

  test('receives its backlog before messages that are published after drain', async () => {
    await using it = await withSlow()
    it.server.publish('room', 'first', { slow: 'latest' })
    it.server.publish('room', 'second', { slow: 'queue' })
    expect(it.slow.socket.bufferedAmount).toBeLessThan(17 * MEBIBYTE)
    const read = it.read('third')
    await it.recorder.until('drain')
    it.server.publish('room', 'third')
    expect(await read).toEqual(['text first', 'text second', 'text third'])
  })

  test("is closed with 1008 with 'close', and receives no more messages", async () => {
    await using it = await withSlow({ closeTimeout: 10_000 })
    expect(it.server.publish('room', 'one', { slow: 'close' })).toBe(1)
    expect(it.server.subscribers('room').size).toBe(1)
    expect(it.server.publish('room', 'two', { slow: 'close' })).toBe(1)
    expect(await it.other.peer.frames(2)).toEqual(['text one', 'text two'])
    it.slow.peer.raw.resume()
    expect((await it.slow.peer.frames(17)).slice(16)).toEqual(['close 1008 reads too slowly'])
    await it.slow.peer.send(close(1008))
    await it.slow.peer.ended()
    expect(it.recorder.reports).toMatchObject([{ code: 1008, wasClean: true, by: 'local' }])
  })

  test("is terminated at closeTimeout with 'close' if it never reads again", async () => {
    await using it = await withSlow({ closeTimeout: 40 })
    it.server.publish('room', 'one', { slow: 'close' })
    await it.recorder.until('close')
    expect(it.recorder.reports).toMatchObject([{ code: 1006, wasClean: false, by: 'local' }])
    expect(it.server.sockets.size).toBe(1)
  })

  test('loses its backlog when it unsubscribes', async () => {
    await using it = await withSlow()
    it.server.publish('room', 'never', { slow: 'latest' })
    it.slow.socket.unsubscribe('room')
    it.slow.socket.subscribe('room')
    it.server.publish('room', 'this one', { slow: 'latest' })
    expect(await it.read('this one')).toEqual(['text this one'])
    expect(it.server.stats().dropped).toBe(0)
  })

  test('does not add to bufferedAmount with messages that may be dropped', async () => {
    await using it = await withSlow()
    const waiting = it.slow.socket.bufferedAmount
    const message = new Uint8Array(MEBIBYTE)
    for (let i = 0; i < 100; i++) {
      it.server.publish('room', message, { slow: 'latest', except: it.other.socket })
    }
    expect(it.slow.socket.bufferedAmount).toBeLessThanOrEqual(waiting)
    expect(it.server.stats().dropped).toBe(99)
  })
})

test('a peer that publishes and closes at once leaves no subscription behind', async () => {
  await using recorder = await RecordingServer.start({
    open: socket => socket.subscribe('room'),
    message: (_, data) => void recorder.server.publish('room', data),
  })
  for (let i = 0; i < 50; i++) {
    await using peer = await FramePeer.open(recorder.port, { first: concat(text(`${i}`), close(1000)) })
    expect(await peer.ended()).toEqual([`text ${i}`, 'close 1000'])
  }
  expect(recorder.server.subscribers('room').size).toBe(0)
  expect(recorder.server.stats()).toMatchObject({ dropped: 0, buffered: 0 })
})

test('publish sends an ArrayBuffer or any view of one as its bytes, also to socket.send', async () => {
  await using recorder = await RecordingServer.start({ open: socket => void socket.subscribe('all') })
  await using peer = await FramePeer.open(recorder.port)
  const [socket] = recorder.server.sockets
  expect(recorder.server.publish('all', new ArrayBuffer(3))).toBe(1)
  expect(recorder.server.publish('all', new DataView(new ArrayBuffer(9), 5), { slow: 'latest' })).toBe(1)
  socket!.send(new Uint16Array(4))
  await socket!.sendStream([new ArrayBuffer(1), new Float64Array(1)])
  expect(await peer.frames(6)).toEqual([
    'binary 3 bytes',
    'binary 4 bytes',
    'binary 8 bytes',
    // Two pieces and the end.
    'binary 1 bytes',
    'opcode 0',
    'opcode 0',
  ])
})
