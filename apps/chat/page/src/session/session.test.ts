import { beforeEach, describe, expect, it } from 'vitest'
import type { EntryContent } from '../../../src/log/entry.ts'
import type { OkReply, RoomInfo, WireEntry } from '../../../src/wire/messages.ts'
import { ManualClock } from '../client/manual-clock.ts'
import { ManualSocket } from '../client/manual-socket.ts'
import { MemoryStorage } from '../client/memory-storage.ts'
import { statusOf } from '../view/words.ts'
import { Session } from './session.ts'

const ann = { id: 'a', nick: 'Ann', guest: true }
const ben = { id: 'b', nick: 'Ben', guest: true }
const TEA = 'tea'

const roomInfo = (room: string, top = 0, read = top): RoomInfo => ({
  room,
  topic: '',
  epoch: 'e',
  top,
  oldest: 1,
  read,
  members: 2,
})
const entry = (
  seq: number,
  content: EntryContent = { kind: 'msg', data: { body: `${seq}` } },
  user = ben,
): WireEntry => ({ ...content, seq, user, ts: seq * 1000 })
const message = (seq: number, body: string) => entry(seq, { kind: 'msg', data: { body } })
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => entry(from + i))

let clock: ManualClock
let storage: MemoryStorage
let session: Session
let heard: string[]

const socket = () => ManualSocket.all.at(-1)!
const settle = () => new Promise<void>(resolve => setTimeout(resolve))

beforeEach(() => {
  ManualSocket.all = []
  clock = new ManualClock()
  clock.go(1)
  storage = new MemoryStorage()
  heard = []
  session = makeSession()
})

function makeSession(): Session {
  return new Session({
    url: 'ws://chat/',
    clock,
    random: () => 1,
    WebSocket: ManualSocket as unknown as typeof WebSocket,
    storage,
    locks: undefined,
    changed: () => undefined,
    heard: (room, { seq }) => void heard.push(`${room.name} ${seq}`),
    outdated: () => undefined,
  })
}

/** The last request of a kind on this connection. */
function asked<Fields extends object>(t: string): { readonly id: number } & Fields {
  const found = socket().sent.findLast(frame => frame.t === t)
  if (found === undefined) throw new Error(`no ${t} was sent, but ${socket().sent.map(frame => frame.t)}`)
  return found as unknown as { readonly id: number } & Fields
}

async function answer(t: string, reply: object): Promise<void> {
  socket().say({ t: 'ok', id: asked(t).id, ...reply })
  await settle()
}

async function refuse(t: string, code: string, msg: string): Promise<void> {
  socket().say({ t: 'err', id: asked(t).id, code, msg })
  await settle()
}

async function push(message: object): Promise<void> {
  socket().say(message)
  await settle()
}

/** The chat answers the hello. */
async function greet(more: Partial<OkReply<'hello'>> = {}): Promise<void> {
  socket().open()
  const limits = { frame: 16_384, body: 4000, rate: [5, 2], page: 100 }
  await answer('hello', { conn: 'c', now: 0, hb: 25_000, auth: 'guest', limits, rooms: [], ...more })
}

/** The chat lets into the room that was asked for last. */
async function admit(top: number, log: readonly WireEntry[] = [], read = top): Promise<void> {
  const { room } = asked<{ room: string }>('join')
  await answer('join', { ...roomInfo(room, top, read), here: [ann, ben], count: 2 })
  if (log.length > 0) await answer('history', { epoch: 'e', top, oldest: 1, log })
}

/** Ann, in the lobby, of which she knows the messages 1 to `top`. */
async function comeIn(top = 0): Promise<void> {
  storage.setItem('chat.token', 'secret')
  session.start()
  await greet({ user: ann, rooms: [roomInfo('lobby', top)] })
  await admit(top, range(1, top))
}

const seqs = (room = 'lobby') => session.rooms.get(room)?.log.items.map(item => item.entry.seq)

describe('hello', () => {
  it('without a user is followed by the question for a name', async () => {
    session.start()
    await greet()
    expect(socket().sent).toEqual([{ t: 'hello', id: 1, v: 1 }])
    expect(session.question).toBe('nick')
    session.account.enterAs('Ann')
    socket().open()
    expect(asked('hello')).toMatchObject({ nick: 'Ann' })
  })

  it('without a user asks for an account if the chat requires one', async () => {
    session.start()
    await greet({ auth: 'register' })
    expect(session.question).toBe('account')
  })

  it('sends the token, and joins the rooms of the user, the last shown one first', async () => {
    storage.setItem('chat.token', 'secret')
    storage.setItem('chat.room', TEA)
    session = makeSession()
    session.start()
    await greet({ user: ann, rooms: [roomInfo('lobby'), roomInfo(TEA)] })
    expect(asked('hello')).toMatchObject({ token: 'secret' })
    expect(asked('join')).toMatchObject({ room: TEA })
    await admit(0)
    expect(asked('join')).toMatchObject({ room: 'lobby' })
    await admit(0)
    expect([
      session.question,
      session.current,
      [...session.rooms.values()].every(room => room.isJoined),
    ]).toEqual([undefined, TEA, true])
  })

  it('of a new guest stores the token', async () => {
    session.start()
    await greet()
    session.account.enterAs('Ann')
    await greet({ user: ann, token: 'new' })
    expect(storage.getItem('chat.token')).toBe('new')
    expect(session.question).toBeUndefined()
  })

  it('shows why a name is refused, and tries another one', async () => {
    session.start()
    await greet()
    session.account.enterAs('Ben')
    socket().open()
    await refuse('hello', 'exists', 'the name is taken')
    expect([session.question, session.complaint]).toEqual(['nick', 'The name is taken.'])
    session.account.enterAs('Ann')
    await greet({ user: ann })
    expect([session.question, session.complaint, session.user]).toEqual([undefined, '', ann])
  })

  it('with an invalid token asks again, and shows why', async () => {
    storage.setItem('chat.token', 'old')
    session.start()
    socket().open()
    await refuse('hello', 'unauthorized', 'token is not known')
    await greet()
    expect(asked('hello')).not.toHaveProperty('token')
    expect([session.question, session.complaint]).toEqual(['nick', 'You are no longer signed in.'])
  })
})

describe('after the connection was lost', () => {
  it('resumes from the last position', async () => {
    await comeIn(3)
    socket().end(1006)
    session.connection.wake()
    socket().open()
    expect(asked('hello')).toMatchObject({ resume: { lobby: ['e', 3] } })
    await greet({ user: ann, rooms: [roomInfo('lobby', 5, 3)] })
    await push({
      t: 'sync',
      room: 'lobby',
      epoch: 'e',
      from: 4,
      to: 5,
      ok: true,
      log: range(4, 5),
      more: false,
    })
    expect(seqs()).toEqual([1, 2, 3, 4, 5])
    expect(heard).toEqual(['lobby 4', 'lobby 5'])
    expect(socket().sent.filter(({ t }) => t === 'join')).toEqual([])
  })

  it('reports a gap, and loads the history', async () => {
    await comeIn(3)
    const { room } = session
    await push({ t: 'sync', room: 'lobby', epoch: 'f', from: 10, to: 9, ok: false, log: [], more: false })
    expect(session.notice.text).toMatch(/no longer available/)
    expect(asked('history')).toMatchObject({ before: 10 })
    await answer('history', { epoch: 'f', top: 9, oldest: 8, log: range(8, 9) })
    expect([seqs(), room?.log.gapAfter]).toEqual([[8, 9], 3000])
  })

  it('reads overtaken entries', async () => {
    await comeIn(1)
    await push({ t: 'entry', room: 'lobby', ...entry(4) })
    expect(seqs()).toEqual([1])
    expect(asked('history')).toMatchObject({ after: 1 })
    await answer('history', { epoch: 'e', top: 4, oldest: 1, log: range(2, 4) })
    expect(seqs()).toEqual([1, 2, 3, 4])
    expect(heard).toEqual(['lobby 2', 'lobby 3', 'lobby 4'])
  })

  it('clears the typing indicators', async () => {
    await comeIn()
    await push({ t: 'typing', room: 'lobby', user: ben, on: true })
    expect(session.room?.typing.size).toBe(1)
    socket().end(1006)
    expect(session.room?.typing.size).toBe(0)
  })
})

describe('auth', () => {
  it('keeps a user who registers in their rooms', async () => {
    await comeIn(2)
    const done = session.account.authenticate({ op: 'register', nick: 'Ann', password: 'correct horse' })
    await answer('auth', { user: { ...ann, guest: false } })
    await done
    expect([session.user, seqs(), ManualSocket.all.length]).toEqual([{ ...ann, guest: false }, [1, 2], 1])
  })

  it('stores the new token after registering', async () => {
    await comeIn(2)
    const done = session.account.authenticate({ op: 'register', nick: 'Ann', password: 'correct horse' })
    await answer('auth', { user: { ...ann, guest: false }, token: 'new' })
    await done
    expect(storage.getItem('chat.token')).toBe('new')
  })

  it('starts again as the user who signs in', async () => {
    await comeIn(2)
    const done = session.account.authenticate({ op: 'login', nick: 'Ben', password: 'correct horse' })
    await answer('auth', { user: ben, token: 'his' })
    await done
    expect([session.rooms.size, ManualSocket.all.length]).toEqual([0, 2])
    await greet({ user: ben })
    expect(asked('hello')).toEqual({ t: 'hello', id: expect.any(Number), v: 1, token: 'his' })
  })

  it('removes everything of a user who signs out', async () => {
    await comeIn(2)
    const done = session.account.authenticate({ op: 'logout' })
    await answer('auth', {})
    await done
    await greet()
    expect(asked('hello')).not.toHaveProperty('token')
    expect([storage.getItem('chat.token'), session.user, session.rooms.size, session.question]).toEqual([
      null,
      undefined,
      0,
      'nick',
    ])
  })

  it('rejects with the error of the chat', async () => {
    session.start()
    await greet({ auth: 'register' })
    const done = session.account.authenticate({ op: 'login', nick: 'Ann', password: 'wrong horse' })
    const rejection = expect(done).rejects.toThrow('nick or password is wrong')
    await refuse('auth', 'unauthorized', 'nick or password is wrong')
    await rejection
    expect(session.question).toBe('account')
  })
})

describe('removal', () => {
  it.each([
    [4502, 'You were removed from the chat.'],
    [4503, 'You are banned.'],
    [4505, 'This page is out of date. Reload it.'],
  ])('by %i is explained in words, and is the end', async (code, words) => {
    await comeIn()
    socket().end(code)
    expect(statusOf(session.connection.state, 0, clock.now())).toBe(words)
    expect(session.question).toBeUndefined()
    clock.go(100_000)
    expect(ManualSocket.all).toHaveLength(1)
  })

  it('from a room shows the lobby, and a notice gives the reason', async () => {
    await comeIn()
    const entering = session.membership.enter(TEA)
    await admit(0)
    await entering
    expect(session.current).toBe(TEA)
    const kick: EntryContent = { kind: 'mod', data: { op: 'kick', user: ann } }
    await push({ t: 'entry', room: TEA, ...entry(1, kick) })
    await push({ t: 'notice', level: 'warn', msg: 'You were removed from tea' })
    expect([session.current, [...session.rooms.keys()], session.notice.text]).toEqual([
      'lobby',
      ['lobby'],
      'You were removed from tea.',
    ])
  })

  it('of a room shows the lobby, and a notice', async () => {
    await comeIn()
    const entering = session.membership.enter(TEA)
    await admit(0)
    await entering
    await push({ t: 'removed', room: TEA })
    await push({ t: 'removed', room: 'nowhere' })
    expect([session.current, [...session.rooms.keys()], session.notice.text]).toEqual([
      'lobby',
      ['lobby'],
      '#tea was removed.',
    ])
  })

  it('of a room in the meantime is discovered when resuming', async () => {
    await comeIn()
    const entering = session.membership.enter(TEA)
    await admit(0)
    await entering
    socket().end(1006)
    clock.go(60_000)
    await greet({ user: ann, rooms: [roomInfo('lobby')] })
    expect(asked('hello')).toMatchObject({ resume: { [TEA]: ['e', 0], lobby: ['e', 0] } })
    expect(asked('join')).toMatchObject({ room: TEA })
    await refuse('join', 'not_found', 'there is no room tea')
    expect([session.current, [...session.rooms.keys()]]).toEqual(['lobby', ['lobby']])
  })

  it('by the end of the session in another window asks for a name, and shows the reason', async () => {
    await comeIn(2)
    socket().end(4501, 'This session was ended in another window.')
    await greet()
    expect([session.question, session.complaint, session.rooms.size]).toEqual([
      'nick',
      'This session was ended in another window.',
      0,
    ])
    expect(asked('hello')).not.toHaveProperty('token')
  })

  it('by registering in another tab uses the token of that tab', async () => {
    await comeIn(2)
    storage.setItem('chat.token', 'new')
    socket().end(4501, 'This session was ended in another window.')
    await greet({ user: { ...ann, guest: false } })
    expect(asked('hello')).toMatchObject({ token: 'new' })
    expect([storage.getItem('chat.token'), session.complaint, session.question]).toEqual([
      'new',
      '',
      undefined,
    ])
  })

  it('by registering in another tab waits for the token of that tab', async () => {
    await comeIn(2)
    socket().end(4501, 'This session was ended in another window.')
    await greet()
    expect(session.question).toBe('nick')
    storage.setItem('chat.token', 'new')
    session.stored()
    await greet({ user: { ...ann, guest: false } })
    expect(asked('hello')).toMatchObject({ token: 'new' })
    expect(session.question).toBeUndefined()
  })
})

describe('read marks', () => {
  it("count messages of others and mentions, not the user's own", async () => {
    await comeIn(1)
    await push({ t: 'entry', room: 'lobby', ...message(2, 'hello @Ann') })
    await push({ t: 'entry', room: 'lobby', ...message(3, 'hello') })
    await push({ t: 'entry', room: 'lobby', ...entry(4, { kind: 'msg', data: { body: 'mine' } }, ann) })
    expect(session.room?.unread).toMatchObject({ count: 2, mentions: 1 })
    expect(heard).toEqual(['lobby 2', 'lobby 3'])
  })

  it('are sent once for several messages', async () => {
    await comeIn()
    for (const seq of [1, 2, 3]) {
      await push({ t: 'entry', room: 'lobby', ...entry(seq) })
      session.marks.seeAll()
    }
    expect(session.room?.unread.count).toBe(0)
    clock.go(500)
    expect(socket().sent.filter(({ t }) => t === 'read')).toEqual([{ t: 'read', room: 'lobby', seq: 3 }])
  })

  it('of another window apply here', async () => {
    await comeIn()
    await push({ t: 'entry', room: 'lobby', ...message(1, '@Ann') })
    await push({ t: 'entry', room: 'lobby', ...message(2, 'hello') })
    await push({ t: 'read', room: 'lobby', seq: 1 })
    expect(session.room!.unread.upTo).toBe(1)
    expect(session.room!.unread.count).toBe(1)
    await push({ t: 'read', room: 'lobby', seq: 2 })
    expect(session.room!.unread.count).toBe(0)
  })

  it('of a room that is not shown are counted from the log', async () => {
    storage.setItem('chat.token', 'secret')
    session.start()
    await greet({ user: ann, rooms: [roomInfo('lobby'), roomInfo(TEA, 4, 2)] })
    await admit(0)
    await admit(4, [message(3, '@Ann'), entry(4)], 2)
    expect(session.rooms.get(TEA)).toMatchObject({ unread: { count: 2, mentions: 1, isMore: false } })
  })
})

describe('pages that end before the limit', () => {
  it('are continued around a message and after it, without a gap', async () => {
    await comeIn()
    await push({ t: 'sync', room: 'lobby', epoch: 'e', from: 201, to: 200, ok: false, log: [], more: false })
    await answer('history', { epoch: 'e', top: 200, oldest: 1, log: range(190, 200) })
    const found = session.history.goTo(20)
    expect(asked('history')).toMatchObject({ around: 20, limit: 100 })
    await answer('history', { epoch: 'e', top: 200, oldest: 1, log: range(15, 25) })
    expect([await found, seqs()?.at(0), seqs()?.at(-1)]).toEqual([true, 15, 25])
    for (const end of [25, 40]) {
      void session.history.loadNewer()
      expect(asked('history')).toMatchObject({ after: end, folds: true })
      await answer('history', { epoch: 'e', top: 200, oldest: 1, log: range(end + 1, end + 15) })
    }
    expect(seqs()).toEqual(range(15, 55).map(({ seq }) => seq))
    expect(session.room?.log.isAtEnd).toBe(false)
  })

  it('leave the number of unread messages open', async () => {
    storage.setItem('chat.token', 'secret')
    session.start()
    await greet({ user: ann, rooms: [roomInfo('lobby'), roomInfo(TEA, 40, 2)] })
    await admit(0)
    await admit(40, range(3, 20), 2)
    expect(session.rooms.get(TEA)).toMatchObject({ unread: { count: 18, isMore: true } })
  })

  it('of the list of rooms are joined', async () => {
    await comeIn()
    const all = session.allRooms()
    expect(asked('rooms')).not.toHaveProperty('after')
    await answer('rooms', { rooms: [roomInfo('a'), roomInfo('b')], next: 'b' })
    expect(asked('rooms')).toMatchObject({ after: 'b' })
    await answer('rooms', { rooms: [roomInfo('c')] })
    expect((await all).map(({ room }) => room)).toEqual(['a', 'b', 'c'])
  })
})

describe('a read that is refused because there were too many', () => {
  it('shows the error, and is not retried before the time is over', async () => {
    await comeIn(3)
    await push({ t: 'sync', room: 'lobby', epoch: 'f', from: 10, to: 9, ok: false, log: [], more: false })
    const msg = 'Too many requests. Try again in 7 seconds.'
    const refusal = {
      t: 'err',
      id: asked('history').id,
      code: 'rate_limited',
      msg,
      temporary: true,
      retry: 7000,
    }
    socket().say(refusal)
    await settle()
    expect(session.notice.text).toBe(msg)
    clock.go(6900)
    expect(session.room?.isLoading).toBe(true)
    clock.go(100)
    expect(session.room?.isLoading).toBe(false)
  })
})

describe('the list of members', () => {
  const crowd = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => ({ id: `${from + i}`, nick: `Nick ${from + i}` }))

  it('follows presence updates', async () => {
    await comeIn()
    await push({ t: 'presence', room: 'lobby', count: 2, join: [{ id: 'c', nick: 'Cy' }], part: ['b'] })
    expect([...session.room!.members!.keys()]).toEqual(['a', 'c'])
  })

  it('is a number while there are too many', async () => {
    await comeIn()
    await push({ t: 'presence', room: 'lobby', count: 201 })
    expect([session.room?.count, session.room?.members]).toEqual([201, undefined])
    await push({ t: 'presence', room: 'lobby', count: 200, join: crowd(1, 200) })
    expect(session.room?.members?.size).toBe(200)
  })
})

describe('a reaction', () => {
  it('is taken back in any spelling of the emoji', async () => {
    await comeIn(1)
    await push({
      t: 'entry',
      room: 'lobby',
      ...entry(2, { kind: 'react', data: { seq: 1, emoji: '👍\uFE0F', on: true } }, ann),
    })
    session.writer.react(1, '👍')
    expect(asked('react')).toMatchObject({ seq: 1, emoji: '👍', on: false })
  })
})
