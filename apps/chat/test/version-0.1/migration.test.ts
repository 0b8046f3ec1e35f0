// A file that version 0.1.0 of the chat wrote works as before. It has accounts, rooms and reactions
// that are refused today.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { SqliteEngine } from '../../src/engine/sqlite/sqlite-engine.ts'
import { nextCid, type Started, startChat } from '../chat/start.ts'
import { makeFolder } from '../engine/kinds.ts'

const FILE = new URL('chat.db.gz', import.meta.url)

/** A chat on a copy of the file. */
async function startOnOldFile(
  change: (database: DatabaseSync) => void = () => {},
): Promise<Started & { signIn(id: string): ReturnType<Started['connect']> }> {
  const folder = await makeFolder()
  const file = join(folder.path, 'chat.db')
  await writeFile(file, gunzipSync(await readFile(FILE)))
  const database = new DatabaseSync(file)
  change(database)
  database.close()
  const started = await startChat({
    engine: new SqliteEngine(file),
    limits: { searches: { burst: 100, perSecond: 1 } },
  })
  return {
    ...started,
    async signIn(id) {
      const client = await started.connect()
      await client.ask('hello', { v: 1, token: `token of ${id}` })
      return client
    },
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

test.each([
  ['root', 'Root'],
  ['mixed', '\u0410da'],
  ['you', 'you'],
  ['at', '@ada'],
])('an account of version 0.1 signs in with its token and its password: %s, %s', async (id, nick) => {
  await using chat = await startOnOldFile()
  const client = await chat.signIn(id)
  await client.ask('join', { room: 'lobby' })
  await client.ask('send', { room: 'lobby', cid: nextCid(), body: 'still here' })
  const again = await chat.connect()
  await again.ask('hello', { v: 1 })
  const { user } = await again.ask('auth', { op: 'login', nick, password: `password of ${id}` })
  expect(user).toMatchObject({ id, nick, guest: false })
})

test('rooms of version 0.1 are joined, written to and moderated by their owner', async () => {
  await using chat = await startOnOldFile()
  const bob = await chat.signIn('guest')
  for (const room of ['garden', 'g\u0430rden']) {
    await bob.ask('join', { room })
    await bob.ask('send', { room, cid: nextCid(), body: 'hi' })
  }
  await bob.ask('mod', { room: 'garden', op: 'lock' })
  expect(await chat.engine.removeRoom('garden')).toBe(true)
})

test('reactions of version 0.1 are shown, shared and taken back', async () => {
  await using chat = await startOnOldFile()
  const ada = await chat.signIn('ada')
  await ada.ask('join', { room: 'lobby' })
  const reactions = async () =>
    (await ada.ask('history', { room: 'lobby', around: 1, limit: 1 })).log[0]!.fold!.reactions
  expect(await reactions()).toEqual({ '👍\uFE0F': ['ada'], lol: ['at'] })
  const about = (emoji: string, on: boolean) => ({ room: 'lobby', cid: nextCid(), seq: 1, emoji, on })
  await ada.ask('react', about('lol', true))
  await ada.ask('react', about('👍', false))
  expect(await reactions()).toEqual({ lol: ['at', 'ada'] })
})

test('two spellings of an emoji that version 0.1 stored as two reactions are one', async () => {
  const reactions = { '❤\uFE0F': ['ada'], lol: ['at'], '❤': ['at', 'ada'], '👍': ['at'] }
  await using chat = await startOnOldFile(database => {
    database
      .prepare(
        "UPDATE entry SET fold = ? WHERE seq = 1 AND room = (SELECT id FROM room WHERE name = 'lobby')",
      )
      .run(JSON.stringify({ reactions }))
  })
  const ada = await chat.signIn('ada')
  await ada.ask('join', { room: 'lobby' })
  const read = async () =>
    (await ada.ask('history', { room: 'lobby', around: 1, limit: 1 })).log[0]!.fold!.reactions
  expect(await read()).toEqual({ '❤\uFE0F': ['ada', 'at'], lol: ['at'], '👍': ['at'] })
  await ada.ask('react', { room: 'lobby', cid: nextCid(), seq: 1, emoji: '❤', on: false })
  expect(await read()).toEqual({ '❤\uFE0F': ['at'], lol: ['at'], '👍': ['at'] })
})

test("messages of version 0.1 are found by today's words", async () => {
  await using chat = await startOnOldFile()
  const bob = await chat.signIn('guest')
  const find = async (q: string) => {
    const { hits } = await bob.ask('search', { q })
    return hits.map(({ room, seq }) => `${room} ${seq}`)
  }
  expect(await find('記憶')).toEqual(['garden 3'])
  expect(await find('憶記')).toEqual([])
  expect(await find('의록')).toEqual(['garden 4'])
  expect(await find('🌷')).toEqual(['garden 3'])
  expect(await find('edited words')).toEqual(['lobby 4'])
  expect(await find('words')).toEqual(['lobby 4'])
})

test('restrictions and read positions of version 0.1 still apply', async () => {
  await using chat = await startOnOldFile()
  const banned = await chat.connect()
  expect(await banned.refusal('hello', { v: 1, token: 'token of dot' })).toMatchObject({ code: 'forbidden' })
  const ada = await chat.connect()
  const { rooms } = await ada.ask('hello', { v: 1, token: 'token of ada' })
  expect(rooms).toMatchObject([{ room: 'lobby', top: 8, read: 4 }])
})

test('names of version 0.1 are taken, and so are lookalikes', async () => {
  await using chat = await startOnOldFile()
  const client = await chat.connect()
  for (const nick of ['root', 'R\u043E\u043Et'.toLowerCase(), '\u0410\u0501\u0430'])
    expect(await chat.engine.accounts.obstacle(nick)).toBeDefined()
  expect(await client.refusal('hello', { v: 1, nick: 'ada' })).toMatchObject({ code: 'exists' })
})

test('an account of version 0.1 whose name looks like another keeps it, in any case', async () => {
  await using chat = await startOnOldFile()
  const ada = await chat.signIn('ada')
  expect(await ada.ask('auth', { op: 'nick', nick: 'ADA' })).toMatchObject({ user: { nick: 'ADA' } })
})
