// Names of users and rooms: valid, taken and confusing ones.

import { describe, expect, test } from 'vitest'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { startChat } from './start.ts'

describe('a new room', () => {
  test.each(['किताब', 'বাংলা', 'தமிழ்', 'ห้องครัว', 'サーバー', 'می\u200Cخواهم'])(
    'can be called %s',
    async room => {
      await using started = await startChat()
      const ann = await started.member('Ann', room)
      expect(await ann.ask('who', { room })).toMatchObject({ count: 1 })
    },
  )

  test.each(['p\u0430ypal', 'a\u0302\u0303\u0304\u0305\u0306'.normalize('NFC')])(
    'cannot be called %s',
    async room => {
      await using started = await startChat()
      const ann = await started.guest('Ann')
      expect(await ann.refusal('join', { room, create: true })).toMatchObject({ code: 'bad_request' })
      expect(await ann.refusal('join', { room })).toMatchObject({ code: 'not_found' })
    },
  )

  test('cannot have a name that looks like another one', async () => {
    await using started = await startChat()
    const ann = await started.member('Ann', 'coco')
    expect(await ann.refusal('join', { room: '\u0441\u043E\u0441\u043E', create: true })).toMatchObject({
      code: 'exists',
      msg: 'There is a room that looks the same: #coco.',
    })
    await ann.ask('join', { room: 'coco', create: true })
  })
})

describe('a new user', () => {
  test.each(['می\u200Cخواهم', 'ශ්\u200Dරී', 'മോഹന്\u200D', '👩\u200D🚀', 'John สมชาย'])(
    'can be called %s',
    async nick => {
      await using started = await startChat()
      const { hello } = await started.guest(nick)
      expect(hello.user).toMatchObject({ nick })
    },
  )

  test.each(['\u0410da', 'you', 'Guest', '.', '@ada', 'a\u200Db'])('cannot be called %s', async nick => {
    await using started = await startChat()
    const client = await started.connect()
    expect(await client.refusal('hello', { v: 1, nick })).toMatchObject({ code: 'bad_request' })
    await client.ask('hello', { v: 1, nick: 'Bob' })
    expect(await client.refusal('auth', { op: 'nick', nick })).toMatchObject({ code: 'bad_request' })
    expect(await client.refusal('auth', { op: 'register', nick, password: 'long enough' })).toMatchObject({
      code: 'bad_request',
    })
  })

  test('cannot have a name that is taken, that looks like it, or that was just given up', async () => {
    let now = Date.now()
    await using started = await startChat({ now: () => now, engine: new MemoryEngine({ now: () => now }) })
    const ann = await started.guest('coco')
    const bob = await started.connect()
    const refusal = async (nick: string) => (await bob.refusal('hello', { v: 1, nick })).msg
    expect(await refusal('COCO')).toBe(`"COCO" is taken. Pick another name, or sign in if it's yours.`)
    expect(await refusal('\u0441\u043E\u0441\u043E')).toBe(
      '"\u0441\u043E\u0441\u043E" looks like a name that is taken. Pick another name.',
    )
    await ann.ask('auth', { op: 'nick', nick: 'Ann' })
    expect(await refusal('coco')).toBe(
      '"coco" was given up less than an hour ago. Pick another name, or try again later.',
    )
    now += 3_600_000
    await bob.ask('hello', { v: 1, nick: 'coco' })
  })

  test('the name of a guest who has just signed out is not available', async () => {
    await using started = await startChat()
    const ann = await started.guest('Ann')
    await ann.ask('auth', { op: 'logout' })
    const bob = await started.connect()
    expect(await bob.refusal('hello', { v: 1, nick: 'ann' })).toMatchObject({ code: 'exists' })
  })
})

describe('a rename', () => {
  test('is an entry in each room of the user, and of no other', async () => {
    await using started = await startChat()
    const bob = await started.member('Bob')
    await bob.ask('join', { room: 'attic', create: true })
    const ann = await started.member('Ann')
    await ann.ask('join', { room: 'garden', create: true })
    await ann.ask('auth', { op: 'nick', nick: 'Anna' })
    const user = { id: ann.hello.user!.id, nick: 'Anna' }
    const entry = { kind: 'rename', data: { from: 'Ann' }, user }
    expect(await bob.push('entry', ({ kind }) => kind === 'rename')).toMatchObject({
      room: 'lobby',
      ...entry,
    })
    expect(await ann.push('entry', ({ room, kind }) => room === 'garden' && kind === 'rename')).toMatchObject(
      entry,
    )
    const { log } = await bob.ask('history', { room: 'attic' })
    expect(log.map(({ kind }) => kind)).not.toContain('rename')
  })

  test('a rename to the same name does nothing, but another case is a rename', async () => {
    await using started = await startChat()
    const ann = await started.member('Ann')
    await ann.ask('auth', { op: 'nick', nick: ' Ann ' })
    await ann.ask('auth', { op: 'nick', nick: 'ANN' })
    const { log } = await ann.ask('history', { room: 'lobby' })
    expect(log).toMatchObject([{ kind: 'rename', data: { from: 'Ann' }, user: { nick: 'ANN' } }])
  })

  test('registering under another name is a rename', async () => {
    await using started = await startChat()
    const ann = await started.member('Ann')
    await ann.ask('auth', { op: 'register', nick: 'Anna', password: 'long enough' })
    expect(await ann.push('entry')).toMatchObject({ kind: 'rename', data: { from: 'Ann' } })
  })

  test('is not written to a room that the user is banned from', async () => {
    await using started = await startChat()
    const bob = await started.member('Bob', 'garden')
    const ann = await started.member('Ann')
    await ann.ask('join', { room: 'garden' })
    await bob.ask('mod', { room: 'garden', op: 'ban', user: ann.hello.user!.id })
    await ann.push('notice')
    await ann.ask('auth', { op: 'nick', nick: 'Anna' })
    const { log } = await bob.ask('history', { room: 'garden' })
    expect(log.map(({ kind }) => kind)).not.toContain('rename')
  })

  test('a user can change their name five times, then rarely', async () => {
    await using started = await startChat()
    const ann = await started.member('Ann')
    for (const nick of ['Anna', 'Anne', 'Annie', 'Anita', 'Anja']) await ann.ask('auth', { op: 'nick', nick })
    expect(await ann.refusal('auth', { op: 'nick', nick: 'Ann' })).toMatchObject({
      code: 'rate_limited',
      temporary: true,
    })
  })
})
