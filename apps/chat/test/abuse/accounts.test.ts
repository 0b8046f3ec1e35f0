// Attacks on accounts: guessing passwords, locking owners out, occupying names.

import { withRedis } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { hashToken } from '../../src/accounts/token.ts'
import { LIMITS } from '../../src/context/limits.ts'
import { type EngineKind, MEMORY, REDIS, SQLITE, startRedis, stopRedis } from '../engine/kinds.ts'
import { outcomeOf, PASSWORD, tally, Visited } from './visitors.ts'

describe.each([MEMORY, SQLITE])('on $name', allTests)
withRedis(describe)('on two nodes with a Redis', () => {
  beforeAll(startRedis)
  afterAll(stopRedis)
  allTests(REDIS)
})

function allTests(kind: EngineKind): void {
  describe('guessing', () => guessingTests(kind))
  describe('keeping an owner out', () => lockoutTests(kind))
  describe('taking names', () => nameTests(kind))
  describe('a token', () => tokenTests(kind))
}

const SPACES = [
  '',
  ' ',
  '\t',
  '\n',
  '\v',
  '\f',
  '\r',
  '\u00A0',
  '\u1680',
  '\u2003',
  '\u2028',
  '\u202F',
  '\u3000',
  '\uFEFF',
]

const SPELLINGS = [
  ...SPACES.flatMap(before => SPACES.map(after => `${before}Zoë Lee${after}`)),
  ...SPACES.slice(7, 10).map(space => `Zoë${space}Lee`),
  'ZOË LEE',
  'zoe\u0308 lee',
  'Ｚｏë\u3000Ｌｅｅ',
]

function guessingTests(kind: EngineKind): void {
  test('counts all spellings of a name as guesses at one account', async () => {
    await using visited = await Visited.start(kind, { limits: { logins: { burst: 1000, perSecond: 1 } } })
    await visited.account('Zoë Lee')
    const outcomes: string[] = []
    const stranger = await visited.visit('198.51.100.1')
    for (const nick of SPELLINGS.slice(0, 35))
      outcomes.push(await outcomeOf(stranger.ask('auth', { op: 'login', nick, password: 'wrong' })))
    for (const nick of SPELLINGS.slice(-40))
      outcomes.push(await visited.signIn('198.51.100.1', nick, 'wrong'))
    expect(tally(outcomes)).toEqual({ unauthorized: 10, rate_limited: 65 })
  })

  test('finds the account under all spellings of its name', async () => {
    await using visited = await Visited.start(kind)
    await visited.account('Zoë Lee')
    for (const [i, nick] of SPELLINGS.filter((_, index) => index % 15 === 0).entries())
      expect(await visited.signIn(`198.51.100.${i}`, nick), JSON.stringify(nick)).toBe('ok')
  })

  test('counts a whole IPv6 /64 as one address', async () => {
    await using visited = await Visited.start(kind)
    await visited.account('Zoë')
    const outcomes: string[] = []
    for (let i = 1; i <= 60; i++)
      outcomes.push(await visited.signIn(`2001:db8:1:2:${i}::${i}`, 'Zoë', 'wrong'))
    expect(tally(outcomes)).toEqual({ unauthorized: 10, rate_limited: 50 })
  })

  test('at many accounts from one address is limited, too', async () => {
    await using visited = await Visited.start(kind)
    for (let i = 0; i < 40; i++) await visited.account(`user ${i}`)
    const outcomes: string[] = []
    for (let i = 0; i < 40; i++)
      outcomes.push(await visited.signIn(`2001:db8:1:2::${i}`, `user ${i}`, 'wrong'))
    expect(tally(outcomes)).toEqual({ unauthorized: 30, rate_limited: 10 })
  })

  test('from a whole IPv6 /48 is limited to four times as much', async () => {
    await using visited = await Visited.start(kind)
    for (let i = 0; i < 10; i++) await visited.account(`user ${i}`)
    const outcomes: string[] = []
    for (let i = 0; i < 200; i++)
      outcomes.push(await visited.signIn(`2001:db8:1:${i.toString(16)}::1`, `user ${i % 10}`, 'wrong'))
    expect(tally(outcomes)).toEqual({ unauthorized: 120, rate_limited: 80 })
    expect(await visited.signIn('2001:db8:2::1', 'user 1')).toBe('ok')
  })

  test('does not reset the limit of one address by attempts from others', async () => {
    await using visited = await Visited.start(kind)
    await visited.account('Zoë')
    await visited.account('junk')
    for (let i = 0; i < 10; i++) await visited.signIn('2001:db8:ffff::1', 'Zoë', 'wrong')
    for (let i = 0; i < 525; i++) await visited.signIn(`2001:db8:1:${i.toString(16)}::1`, 'junk', 'wrong')
    expect(await visited.signIn('2001:db8:ffff::2', 'Zoë')).toBe('rate_limited')
  })

  test('shows the time to wait', async () => {
    await using visited = await Visited.start(kind)
    await visited.account('Zoë')
    const stranger = await visited.visit('198.51.100.1')
    const guess = { op: 'login', nick: 'Zoë', password: 'wrong' } as const
    for (let i = 0; i < 10; i++) await stranger.refusal('auth', guess)
    expect(await stranger.refusal('auth', guess)).toMatchObject({
      code: 'rate_limited',
      msg: 'Too many attempts. Try again in 10 minutes.',
      retry: 600_000,
    })
    visited.clock.time += 599_000
    expect((await stranger.refusal('auth', guess)).msg).toBe('Too many attempts. Try again in 1 second.')
    visited.clock.time += 1000
    expect(await outcomeOf(stranger.ask('auth', { ...guess, password: PASSWORD }))).toBe('ok')
  })
}

test('forty connections from one /64 do not delay the owner in the password queue', async () => {
  await using visited = await Visited.start(MEMORY, { limits: { logins: { burst: 1000, perSecond: 1 } } })
  await visited.account('Zoë')
  await visited.signIn('192.0.2.1', 'Zoë')
  let hasEnded = false
  const attack = Array.from({ length: 40 }, async (_, i) => {
    const client = await visited.visit(`2001:db8:1:2::${i}`)
    // Of a name without an account, each check takes as long as a real one.
    const guess = { op: 'login', nick: `junk ${i}`, password: 'wrong' } as const
    const outcomes: string[] = []
    while (!hasEnded && outcomes.length < 30) outcomes.push(await outcomeOf(client.ask('auth', guess)))
    return outcomes
  })
  const owner: string[] = []
  for (let i = 0; i < 5; i++) {
    owner.push(await visited.signIn('192.0.2.1', 'Zoë'))
    owner.push(await visited.signIn(`2001:db8:1:3::${i}`, 'Zoë'))
  }
  hasEnded = true
  expect(tally(owner)).toEqual({ ok: 10 })
  expect(tally((await Promise.all(attack)).flat()).unauthorized).toBeGreaterThan(0)
})

function lockoutTests(kind: EngineKind): void {
  test('does not work from one address, from any address of the owner', async () => {
    await using visited = await Visited.start(kind)
    await visited.account('Zoë')
    expect(await visited.signIn('192.0.2.1', 'Zoë')).toBe('ok')
    const owner: string[] = []
    for (let i = 0; i < 15; i++) {
      for (let guess = 0; guess < 3; guess++) await visited.signIn('198.51.100.1', 'Zoë', 'wrong')
      owner.push(await visited.signIn('192.0.2.1', 'Zoë'), await visited.signIn(`192.0.2.${10 + i}`, 'Zoë'))
      visited.clock.time += 3000
    }
    expect(tally(owner)).toEqual({ ok: 30 })
  })

  test('does not work from fifty addresses, for any time', async () => {
    await using visited = await Visited.start(kind)
    await visited.account('Zoë')
    expect(await visited.signIn('2001:db8:1:1::1', 'Zoë')).toBe('ok')
    const attack = async () => {
      const guesses = Array.from({ length: 50 }, (_, i) => visited.signIn(`198.51.100.${i}`, 'Zoë', 'wrong'))
      return tally(await Promise.all(guesses))
    }
    for (let i = 0; i < 10; i++) expect(await attack()).toEqual({ unauthorized: 50 })
    for (let i = 0; i < 5; i++) {
      expect(await attack()).toEqual({ rate_limited: 50 })
      expect(await visited.signIn('2001:db8:1:1:2::1', 'Zoë')).toBe('ok')
      expect(await visited.signIn(`192.0.2.${i}`, 'Zoë')).toBe('ok')
      visited.clock.time += 60_000
    }
  })

  test('does not work from any number of addresses, if the owner has signed in from theirs before', async () => {
    const limits = { accountLogins: { burst: 20, perSecond: 1 / 10 } }
    await using visited = await Visited.start(kind, { limits })
    await visited.account('Zoë')
    expect(await visited.signIn('192.0.2.1', 'Zoë')).toBe('ok')
    const attack = Array.from({ length: 40 }, (_, i) => visited.signIn(`198.51.100.${i}`, 'Zoë', 'wrong'))
    expect(tally(await Promise.all(attack))).toEqual({ unauthorized: 19, rate_limited: 21 })
    expect(await visited.signIn('192.0.2.2', 'Zoë')).toBe('rate_limited')
    for (let i = 0; i < 20; i++) expect(await visited.signIn('192.0.2.1', 'Zoë')).toBe('ok')
  })

  test('does not work by signing in elsewhere with another account', async () => {
    await using visited = await Visited.start(kind)
    await visited.account('Zoë')
    await visited.account('Mallory')
    for (let i = 0; i < 20; i++) expect(await visited.signIn('198.51.100.1', 'Mallory')).toBe('ok')
    for (let i = 0; i < 10; i++)
      expect(await visited.signIn('198.51.100.1', 'Zoë', 'wrong')).toBe('unauthorized')
    expect(await visited.signIn('198.51.100.1', 'Zoë')).toBe('rate_limited')
    expect(await visited.signIn('192.0.2.1', 'Zoë')).toBe('ok')
  })

  test('an office of a hundred people can sign in from one address at once', async () => {
    await using visited = await Visited.start(kind)
    const people = Array.from({ length: 100 }, (_, i) => `person ${i}`)
    for (const [i, nick] of people.entries()) {
      await visited.account(nick)
      // On other days.
      if (i % 30 === 0) visited.clock.time += 300_000
      expect(await visited.signIn('192.0.2.1', nick)).toBe('ok')
    }
    const outcomes = await Promise.all(people.map(nick => visited.signIn('192.0.2.1', nick)))
    expect(tally(outcomes)).toEqual({ ok: 100 })
  })

  test('the limits have room for fifty addresses that guess without end', () => {
    const { newLogins, accountLogins } = LIMITS
    expect(50 * newLogins.burst).toBeLessThanOrEqual(accountLogins.burst / 2)
    expect(50 * newLogins.perSecond).toBeLessThan(accountLogins.perSecond)
  })
}

function nameTests(kind: EngineKind): void {
  test('as guests is limited by address, on all nodes together', async () => {
    await using visited = await Visited.start(kind)
    const outcomes: string[] = []
    const come = async (address: string, nick: string) => {
      const client = await visited.connect(address)
      const outcome = await outcomeOf(client.ask('hello', { v: 1, nick }))
      await client.leave()
      return outcome
    }
    for (let i = 0; i < 220; i++) outcomes.push(await come(`2001:db8:1:2::${i.toString(16)}`, `guest ${i}`))
    expect(tally(outcomes)).toEqual({ ok: 200, rate_limited: 20 })
    expect(await come('2001:db8:1:3::1', 'somebody else')).toBe('ok')
    const client = await visited.visit('2001:db8:1:2::1')
    const asked = client.ask('auth', { op: 'register', nick: 'registered', password: PASSWORD })
    expect(await outcomeOf(asked)).toBe('rate_limited')
  })

  test('of a guest who has written nothing lasts for an hour after they have left', async () => {
    await using visited = await Visited.start(kind, { times: { sweep: 20, renew: 20 } })
    const { accounts } = visited.engine
    const silent = await visited.guest('192.0.2.1', 'Silent')
    const writer = await visited.guest('192.0.2.1', 'Writer')
    await writer.ask('join', { room: 'lobby' })
    await writer.ask('send', { room: 'lobby', cid: 'cid-1', body: 'hello' })
    // While they are connected, they stay.
    for (let i = 0; i < 6; i++) {
      await vi.waitFor(async () => {
        const soon = visited.clock.time + 1_800_000
        expect((await accounts.session(hashOf(silent), soon))?.nick).toBe('Silent')
      })
      visited.clock.time += 1_800_000
    }
    await vi.waitFor(async () => {
      expect(await accounts.session(hashOf(writer), visited.clock.time + 29 * 86_400_000)).toBeDefined()
    })
    expect((await accounts.byNick('silent'))?.id).toBe(silent.hello.user!.id)
    await silent.leave()
    await writer.leave()
    visited.clock.time += 3_600_001
    await vi.waitFor(async () => expect(await accounts.byNick('Silent')).toBeUndefined())
    expect((await accounts.byNick('Writer'))?.id).toBe(writer.hello.user!.id)
    const again = await visited.connect('192.0.2.2')
    await again.ask('hello', { v: 1, token: writer.hello.token! })
    await again.leave()
    visited.clock.time += 29 * 86_400_000
    const later = await visited.connect('192.0.2.2')
    expect(await later.ask('hello', { v: 1, token: writer.hello.token! })).toMatchObject({
      user: { nick: 'Writer' },
    })
    expect((await visited.guest('192.0.2.3', 'Silent')).hello.user?.nick).toBe('Silent')
  })

  test.each([
    ['a braille blank', '\u2800'],
    ['a null notehead', '\u{1D159}'],
    ['a Khitan filler', '\u{16FE4}'],
    ['an Egyptian blank', '\u{13441}'],
    ['a Hangul filler', '\u3164'],
  ])('like a real one with %s is refused', async (_name, blank) => {
    await using visited = await Visited.start(kind)
    const bob = await visited.guest('192.0.2.1', 'Bob')
    for (const nick of [`Bob${blank}`, `${blank}Bob`, `B${blank}ob`, blank]) {
      const other = await visited.connect('198.51.100.1')
      expect(await other.refusal('hello', { v: 1, nick })).toMatchObject({ code: 'bad_request' })
      await other.ask('hello', { v: 1 })
      const register = { op: 'register', nick, password: PASSWORD } as const
      expect(await other.refusal('auth', register)).toMatchObject({ code: 'bad_request' })
    }
    const rename = { op: 'nick', nick: `Bob${blank}` } as const
    expect(await bob.refusal('auth', rename)).toMatchObject({ code: 'bad_request' })
    const join = { room: `lobby${blank}`, create: true }
    expect(await bob.refusal('join', join)).toMatchObject({ code: 'bad_request' })
  })
}

/** The stored session of a guest. */
function hashOf({ hello }: { readonly hello: { readonly token?: string } }): string {
  return hashToken(hello.token!)
}

function tokenTests(kind: EngineKind): void {
  test('of a guest ends when they register, with all their other connections', async () => {
    await using visited = await Visited.start(kind)
    const ann = await visited.guest('192.0.2.1', 'Ann')
    const token = ann.hello.token!
    const [thief, other] = [await visited.connect('198.51.100.1'), await visited.connect('198.51.100.2')]
    for (const client of [thief, other]) await client.ask('hello', { v: 1, token })
    const registered = await ann.ask('auth', { op: 'register', password: PASSWORD })
    expect(registered.user).toEqual({ ...ann.hello.user, guest: false })
    for (const client of [thief, other]) expect(await client.closed).toMatchObject({ code: 4501 })
    const again = await visited.connect('198.51.100.1')
    expect(await again.refusal('hello', { v: 1, token })).toMatchObject({ code: 'unauthorized' })
    const mine = await visited.connect('192.0.2.1')
    const hello = await mine.ask('hello', { v: 1, token: registered.token! })
    expect(hello.user).toEqual(registered.user)
    await ann.ask('join', { room: 'lobby' })
    expect(await visited.signIn('192.0.2.1', 'Ann')).toBe('ok')
  })

  test('of a guest registers once, although two connections try at once', async () => {
    await using visited = await Visited.start(kind)
    const ann = await visited.guest('192.0.2.1', 'Ann')
    const thief = await visited.connect('198.51.100.1')
    await thief.ask('hello', { v: 1, token: ann.hello.token! })
    const register = (client: typeof thief, password: string) =>
      client.ask('auth', { op: 'register', password }).then(
        () => password,
        () => undefined,
      )
    const passwords = await Promise.all([register(ann, 'the owner’s'), register(thief, 'the thief’s')])
    const [right, ...others] = passwords.filter(password => password !== undefined)
    expect(others).toEqual([])
    const wrong = right === 'the owner’s' ? 'the thief’s' : 'the owner’s'
    expect(await visited.signIn('192.0.2.1', 'Ann', right)).toBe('ok')
    expect(await visited.signIn('192.0.2.1', 'Ann', wrong)).toBe('unauthorized')
  })

  test('ends when its connection signs in as another user', async () => {
    await using visited = await Visited.start(kind)
    for (const nick of ['Ann', 'Ben']) await visited.account(nick)
    const guest = await visited.guest('192.0.2.1', 'Visitor')
    const login = (nick: string) => guest.ask('auth', { op: 'login', nick, password: PASSWORD })
    const tokens = [guest.hello.token!]
    const windows = []
    for (const nick of ['Ann', 'Ben']) {
      const window = await visited.connect('192.0.2.1')
      await window.ask('hello', { v: 1, token: tokens.at(-1)! })
      windows.push(window)
      tokens.push((await login(nick)).token!)
    }
    for (const window of windows) expect(await window.closed).toMatchObject({ code: 4501 })
    const last = tokens.pop()!
    for (const token of tokens) {
      const again = await visited.connect('192.0.2.1')
      expect(await again.refusal('hello', { v: 1, token })).toMatchObject({ code: 'unauthorized' })
    }
    const again = await visited.connect('192.0.2.1')
    expect((await again.ask('hello', { v: 1, token: last })).user?.nick).toBe('Ben')
  })

  test('that was closed while its connections could not be notified ends them all the same', async () => {
    await using visited = await Visited.start(kind, { times: { renew: 20 } })
    const ann = await visited.guest('192.0.2.1', 'Ann')
    await visited.engine.accounts.closeSession(hashOf(ann))
    expect(await ann.closed).toMatchObject({ code: 4501 })
  })
}
