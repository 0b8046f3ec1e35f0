import { beforeEach, describe, expect, it } from 'vitest'
import { Connection, type ConnectionState, Disconnected, RequestError } from './connection.ts'
import { ManualClock } from './manual-clock.ts'
import { ManualSocket as Socket } from './manual-socket.ts'

const HELLO = { conn: 'c', now: 0, hb: 25_000, auth: 'guest', limits: {}, rooms: [] }

let clock: ManualClock
let states: ConnectionState[]
let pushes: object[]
let connection: Connection

const socket = () => Socket.all.at(-1)!
const state = () => states.at(-1)!
const settle = () => new Promise<void>(resolve => setTimeout(resolve))

beforeEach(() => {
  Socket.all = []
  states = []
  pushes = []
  clock = new ManualClock()
  clock.go(1)
  connection = new Connection({
    url: 'ws://chat/',
    clock,
    random: () => 1,
    WebSocket: Socket as unknown as typeof WebSocket,
    hello: () => ({ nick: 'Ann' }),
    welcome: () => undefined,
    push: push => void pushes.push(push),
    state: next => void states.push(next),
  })
})

async function open(): Promise<void> {
  if (Socket.all.length === 0) connection.start()
  socket().open()
  socket().say({ t: 'ok', id: socket().last.id, ...HELLO })
  await settle()
}

describe('requests', () => {
  it('begin with hello, in the subprotocol', async () => {
    connection.start()
    expect(state().name).toBe('connecting')
    await open()
    expect(socket().protocol).toBe('chat.v1.json')
    expect(socket().sent).toEqual([{ t: 'hello', id: 1, v: 1, nick: 'Ann' }])
    expect(state().name).toBe('open')
  })

  it('get the reply with their id, and reject for errors', async () => {
    await open()
    const rooms = connection.request('rooms', {})
    const ping = connection.request('ping', {})
    socket().say({ t: 'ok', id: 3, now: 5 })
    socket().say({ t: 'err', id: 2, code: 'busy', msg: 'Wait.', temporary: true, retry: 70 })
    expect((await ping).now).toBe(5)
    const error = await rooms.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({ code: 'busy', message: 'Wait.', retry: 70 })
  })

  it('reject when the connection ends, and without a connection', async () => {
    await open()
    const rooms = connection.request('rooms', {})
    socket().end(1006)
    await expect(rooms).rejects.toThrow(Disconnected)
    await expect(connection.request('rooms', {})).rejects.toThrow(Disconnected)
  })

  it('do not exceed the rate of the chat', async () => {
    await open()
    for (let i = 0; i < 50; i++) connection.notify({ t: 'typing', room: 'lobby', on: true })
    expect(socket().sent).toHaveLength(30)
    clock.go(1000)
    expect(socket().sent.length).toBeGreaterThan(40)
    clock.go(1000)
    expect(socket().sent).toHaveLength(51)
  })

  it('are distinguished from pushes', async () => {
    await open()
    socket().say({ t: 'notice', level: 'info', msg: 'Hello' })
    expect(pushes).toEqual([{ t: 'notice', level: 'info', msg: 'Hello' }])
  })
})

describe('after the end', () => {
  it('waits longer each time, up to half a minute', () => {
    connection.start()
    const waits: number[] = []
    for (let i = 0; i < 9; i++) {
      socket().end(1006)
      const { until } = state() as ConnectionState & { name: 'waiting' }
      waits.push(until - clock.now())
      clock.go(until - clock.now())
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    expect(Socket.all).toHaveLength(10)
  })

  it('starts with short waits again after a stable connection', async () => {
    connection.start()
    for (let i = 0; i < 5; i++) {
      socket().end(1006)
      clock.go(30_000)
    }
    await open()
    clock.go(11_000)
    socket().end(1006)
    expect(state()).toMatchObject({ name: 'waiting', until: clock.now() + 500 })
  })

  it('waits as long as the chat asked for', async () => {
    await open()
    socket().say({ t: 'bye', code: 1012, reason: 'restart', after: 1234, reconnect: true })
    socket().end(1012)
    expect(state()).toEqual({ name: 'waiting', until: clock.now() + 1234, why: 'restart' })
  })

  it.each([4500, 4501, 4503, 4999])('stops after %i, and gives the reason', async code => {
    await open()
    socket().end(code)
    expect(state()).toMatchObject({ name: 'stopped', code, why: expect.stringMatching(/\.$/) })
    clock.go(100_000)
    connection.wake()
    expect(Socket.all).toHaveLength(1)
    connection.start()
    expect(Socket.all).toHaveLength(2)
  })

  it.each([4000, 4499, 1000, 1008])('reconnects after %i', async code => {
    await open()
    socket().end(code)
    expect(state().name).toBe('waiting')
  })

  it('stops when the hello is refused, and waits when that is temporary', async () => {
    connection.start()
    socket().open()
    socket().say({ t: 'err', id: 1, code: 'exists', msg: 'The name is taken.' })
    await settle()
    expect(state()).toMatchObject({ name: 'stopped', why: 'The name is taken.', error: { code: 'exists' } })
    connection.start()
    socket().open()
    const { id } = socket().last
    socket().say({ t: 'err', id, code: 'unavailable', msg: 'Later.', temporary: true, retry: 700 })
    await settle()
    expect(state()).toMatchObject({ name: 'waiting', until: clock.now() + 700 })
  })

  it('reconnects at once when woken', () => {
    connection.start()
    socket().end(1006)
    connection.wake()
    expect(Socket.all).toHaveLength(2)
    clock.go(10_999)
    expect(Socket.all).toHaveLength(2) // which was given 10 s to answer
    clock.go(1)
    expect(Socket.all).toHaveLength(3)
  })

  it('ignores the previous socket', async () => {
    await open()
    const before = socket()
    before.end(1006)
    connection.wake()
    await open()
    before.end(4503)
    before.say({ t: 'notice', level: 'info', msg: 'late' })
    expect([state().name, pushes]).toEqual(['open', []])
  })
})

describe('silence', () => {
  it('is checked after hb, and ends the connection after 5 s', async () => {
    await open()
    clock.go(24_999)
    expect(socket().last.t).toBe('hello')
    clock.go(1)
    expect(socket().last.t).toBe('ping')
    clock.go(4999)
    expect(state().name).toBe('open')
    clock.go(1)
    expect(state()).toMatchObject({ name: 'waiting', why: 'Connection lost.' })
    expect(Socket.all[0]?.isClosed).toBe(true)
  })

  it('ends with any message', async () => {
    await open()
    clock.go(20_000)
    socket().say({ t: 'notice', level: 'info', msg: 'hi' })
    clock.go(20_000)
    expect(socket().last.t).toBe('hello')
    clock.go(5000)
    socket().say({ t: 'ok', id: 2, now: 0 })
    clock.go(10_000)
    expect(state().name).toBe('open')
  })

  it('is checked when woken', async () => {
    await open()
    connection.wake()
    expect(socket().last.t).toBe('ping')
  })

  it('ends a connection that never opens', () => {
    connection.start()
    clock.go(10_000)
    expect(state().name).toBe('waiting')
  })
})
