// The chat on a file: acknowledged writes survive a restart, and clients resume from their
// position.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SqliteEngine } from '../../src/engine/sqlite/sqlite-engine.ts'
import { nextCid, startChat } from './start.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chat-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const open = () => startChat({ engine: new SqliteEngine(join(folder, 'chat.db')) })

test('a restart keeps acknowledged messages, stores no duplicates, and keeps all accounts', async () => {
  const cids = Array.from({ length: 16 }, nextCid)
  const send = (i: number) => ({ room: 'garden', cid: cids[i]!, body: `message ${i}` })
  let token: string
  let since: readonly [string, number]
  {
    await using before = await open()
    const ann = await before.member('Ann', 'garden')
    const bob = await before.member('Bob', 'garden')
    token = bob.hello.token!
    const replies = await Promise.all(cids.map((_, i) => ann.ask('send', send(i))))
    expect(replies.map(({ seq }) => seq)).toEqual(cids.map((_, i) => i + 2))
    await bob.until(() => bob.log('garden').length === 16)
    since = [replies[0]!.epoch, 10]
    bob.say({ t: 'read', room: 'garden', seq: 10 })
    await ann.ask('mod', { room: 'garden', op: 'lock' })
    await before.chat.close()
    expect(await bob.closed).toMatchObject({ code: 1012 })
  }
  await using after = await open()
  const bob = await after.connect()
  const { rooms, user } = await bob.ask('hello', { v: 1, token, resume: { garden: since } })
  expect(user).toMatchObject({ nick: 'Bob' })
  expect(rooms.find(({ room }) => room === 'garden')).toMatchObject({ top: 18, read: 10 })
  await bob.push('sync')
  expect(bob.log('garden')).toEqual([11, 12, 13, 14, 15, 16, 17, 18])
  const locked = await bob.refusal('send', { room: 'garden', cid: nextCid(), body: 'x' })
  expect(locked).toMatchObject({ code: 'forbidden', msg: expect.stringContaining('locked') })
})

test('a retry after the restart is recognized, and answered from the log', async () => {
  const send = { room: 'lobby', cid: nextCid(), body: 'once' }
  let token: string
  let seq: number
  {
    await using before = await open()
    const ann = await before.member('Ann')
    token = ann.hello.token!
    seq = (await ann.ask('send', send)).seq
  }
  await using after = await open()
  const ann = await after.connect()
  await ann.ask('hello', { v: 1, token })
  await ann.ask('join', { room: 'lobby' })
  expect(await ann.ask('send', send)).toMatchObject({ seq, dup: true })
  expect((await ann.ask('history', { room: 'lobby' })).log).toHaveLength(1)
  expect((await ann.ask('search', { q: 'onc' })).hits).toMatchObject([{ snip: [['once', true]] }])
})
