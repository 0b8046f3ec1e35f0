// The log never contains messages, passwords, tokens or search queries. Runs a real chat with all
// log levels, uses all features and makes all kinds of errors, then searches all of its output.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { TestClient } from './client.ts'
import { setPrograms } from './programs.ts'

const programs = setPrograms()

/** In each text that must not be found. */
const SECRET = 'xyzzy'
const PASSWORD = `${SECRET} password`

let lastCid = 0
const cid = () => `cid-${++lastCid}`

/** Accounts: created, used, and misused. Returns their tokens. */
async function comeAndGo(port: number): Promise<string[]> {
  await using ann = await TestClient.guest(port, 'Ann')
  const { token } = ann.hello
  await ann.refusal('auth', { op: 'register', password: SECRET })
  await ann.ask('auth', { op: 'register', password: PASSWORD })
  await ann.refusal('auth', { op: 'register', password: PASSWORD })
  await using other = await TestClient.guest(port, 'Bob')
  await other.refusal('auth', { op: 'login', nick: 'Ann', password: `${PASSWORD}, a wrong one` })
  await other.refusal('auth', { op: 'nick', nick: 'Ann' })
  const login = await other.ask('auth', { op: 'login', nick: 'Ann', password: PASSWORD })
  await using back = await TestClient.connect(port)
  await back.ask('hello', { v: 1, token: login.token! })
  await other.ask('auth', { op: 'logout' })
  await using stranger = await TestClient.connect(port)
  await stranger.refusal('hello', { v: 1, token: `${SECRET}-token` })
  await stranger.closed
  return [token!, other.hello.token!, login.token!]
}

/** Everything that a user can send in a room, and all refusals. */
async function talk(port: number): Promise<TestClient> {
  const ann = await TestClient.guest(port, 'Ann the owner')
  const room = 'garden'
  await ann.ask('join', { room, create: true })
  const { seq } = await ann.ask('send', { room, cid: cid(), body: `${SECRET} body` })
  await ann.ask('edit', { room, cid: cid(), seq, body: `${SECRET} edited` })
  await ann.ask('topic', { room, cid: cid(), topic: `${SECRET} topic` })
  await ann.ask('search', { q: SECRET })
  await ann.ask('history', { room })
  await ann.refusal('send', { room: 'nowhere', cid: cid(), body: SECRET })
  await ann.refusal('send', { room, cid: cid(), body: `${SECRET} is too long `.repeat(250) })
  await ann.refusal('edit', { room, cid: cid(), seq: 77, body: SECRET })
  await ann.refusal('search', { q: SECRET, room: 'nowhere' })
  await using bob = await TestClient.guest(port, 'Bob the guest')
  await bob.ask('join', { room })
  await bob.refusal('edit', { room, cid: cid(), seq, body: SECRET })
  await ann.ask('mod', { room, op: 'kick', user: bob.hello.user!.id, why: `${SECRET} why` })
  return ann
}

/** Frames that are no requests. */
async function stammer(port: number): Promise<void> {
  const frames = [SECRET, `{"t":"${SECRET}`, `["${SECRET}"]`, `{"t":"ping","x":"${SECRET.repeat(4000)}"}`]
  for (const frame of frames) {
    await using client = await TestClient.guest(port, `Guest ${cid()}`)
    client.say({ t: SECRET, id: 1000 })
    client.say({ t: 'send', id: 1001, room: SECRET.toUpperCase(), cid: SECRET, body: 1 })
    await client.until(() => client.strays.length === 2)
    client.say(frame)
    await client.closed
  }
  await using client = await TestClient.guest(port, `Guest ${cid()}`)
  client.socket.send(Buffer.from(SECRET))
  await client.closed
}

/** The store refuses writes, and then contains invalid data. */
async function suffer(ann: TestClient): Promise<void> {
  const room = 'garden'
  const database = new DatabaseSync(join(programs.folder, 'chat.db'))
  database.exec('BEGIN IMMEDIATE')
  await ann.refusal('send', { room, cid: cid(), body: `${SECRET} while it is away` })
  database.exec(`UPDATE entry SET data = '${SECRET} is no JSON'; COMMIT`)
  database.close()
  await expect(ann.ask('history', { room })).rejects.toThrow('closed with 1011')
}

test.each(['json', 'pretty'])('no secret is ever in the log: %s', async form => {
  const { port, child, exit, output } = await programs.run(['--log', form, '--rate', '1000:1000'], {
    env: { NODE_DEBUG: 'ws-chat' },
  })
  const tokens = await comeAndGo(port)
  await using ann = await talk(port)
  await stammer(port)
  await suffer(ann)
  child.kill('SIGTERM')
  expect(await exit).toEqual({ code: 0, signal: null })
  const said = output.stdout + output.stderr
  // All levels were logged, with the events of this test.
  for (const event of [
    'connected',
    'registered',
    'signed-in',
    'signed-out',
    'moderated',
    'store-down',
    'request-failed',
  ])
    expect(said).toContain(event)
  for (const token of tokens) expect(said).not.toContain(token)
  expect(said.split('\n').filter(line => line.toLowerCase().includes(SECRET))).toEqual([])
})
