// The promise, under the hardest end there is: kill -9 while 10,000 messages are being sent.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { WireEntry } from '../src/wire/messages.ts'
import { TestClient } from './client.ts'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')
const CLIENTS = 200
const MESSAGES = 10_000
const ROOM = 'lobby'

/** A message on its way: what it says, and where it was stored if somebody said so. */
interface Sent {
  readonly cid: string
  readonly body: string
  readonly token: string
  seq?: number
}

let folder: string
let running: ChildProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ws-chat-'))
})
afterEach(async () => {
  await kill()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a chat on the folder's file; gives its port. */
async function start(): Promise<number> {
  // The limits of a person are not what is tested.
  const args = ['--port', '0', '--data', join(folder, 'chat.db'), '--rate', '1000:1000', '--log', 'json']
  running = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  for await (const chunk of running.stdout!.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += chunk
    const [, port] = /"event":"listening","port":(\d+)/.exec(output) ?? []
    if (port !== undefined) break
  }
  running.stdout!.resume()
  return Number(/"port":(\d+)/.exec(output)![1])
}

async function kill(): Promise<void> {
  if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
  running.kill('SIGKILL')
  await once(running, 'exit')
}

/** Sends one message after the other, each when the last is acknowledged, until all are or the chat is gone. */
async function sendAll(client: TestClient, all: readonly Sent[], stored: () => void): Promise<void> {
  for (const sent of all) {
    try {
      sent.seq = (await client.ask('send', { room: ROOM, cid: sent.cid, body: sent.body })).seq
    } catch {
      return
    }
    stored()
  }
}

/** The whole log, as somebody reads it who comes with a position. */
async function readLog(client: TestClient, epoch: string, since: number): Promise<readonly WireEntry[]> {
  await client.ask('join', { room: ROOM, since: [epoch, since] })
  await client.push('sync', sync => !sync.more)
  const syncs = client.all('sync')
  expect(syncs.every(sync => sync.ok)).toBe(true)
  return syncs.flatMap(({ log }) => log)
}

test('after kill -9 during 10,000 sends, what was acknowledged is there once, in order, and clients go on without a gap', {
  timeout: 60_000,
}, async () => {
  const port = await start()
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) => TestClient.guest(port, `guest-${index}`)),
  )
  const { epoch } = clients[0]!.hello.rooms.find(({ room }) => room === ROOM)!
  await Promise.all(clients.map(client => client.ask('join', { room: ROOM })))
  const sent = clients.map(({ hello }, index) =>
    Array.from({ length: MESSAGES / CLIENTS }, (_, n): Sent => {
      const cid = randomBytes(16).toString('base64url')
      return { cid, body: `${index}: ${n}`, token: hello.token! }
    }),
  )
  let acknowledged = 0
  await Promise.all([
    ...clients.map((client, index) =>
      sendAll(client, sent[index]!, () => {
        // In the middle of it: others have been sent, stored even, and not been acknowledged.
        if (++acknowledged === MESSAGES / 2) running!.kill('SIGKILL')
      }),
    ),
    once(running!, 'exit'),
  ])
  const known = sent.flat().filter(({ seq }) => seq !== undefined)
  expect(known.length).toBeGreaterThanOrEqual(MESSAGES / 2)
  expect(known.length).toBeLessThan(MESSAGES)

  const again = await start()
  await using reader = await TestClient.connect(again)
  await reader.ask('hello', { v: 1, token: sent[0]![0]!.token })
  const log = await readLog(reader, epoch, 0)
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1))
  const bodies = new Map(log.map(entry => [entry.seq, entry.kind === 'msg' ? entry.data.body : undefined]))
  for (const { seq, body } of known) expect(bodies.get(seq!)).toBe(body)

  // Those who were connected know an end of the log each, and go on from there.
  const resumed = clients[1]!
  const had = resumed.log(ROOM)
  expect(had).toEqual(had.map((_, index) => had[0]! + index))
  await using back = await TestClient.connect(again)
  await back.ask('hello', { v: 1, token: sent[1]![0]!.token })
  const missed = await readLog(back, epoch, had.at(-1)!)
  expect(missed.map(({ seq }) => seq)).toEqual(log.slice(had.at(-1)!).map(({ seq }) => seq))

  // All are sent once more: what was stored stays where it is, the rest is stored now.
  await Promise.all(
    sent.map(async messages => {
      await using client = await TestClient.connect(again)
      await client.ask('hello', { v: 1, token: messages[0]!.token })
      await client.ask('join', { room: ROOM })
      for (const { cid, body, seq } of messages.filter(({ seq }) => seq === undefined)) {
        expect(seq).toBeUndefined()
        await client.ask('send', { room: ROOM, cid, body })
      }
      const { cid, body, seq } = messages[0]!
      if (seq !== undefined)
        expect(await client.ask('send', { room: ROOM, cid, body })).toMatchObject({ seq, dup: true })
    }),
  )
  await using last = await TestClient.connect(again)
  await last.ask('hello', { v: 1, token: sent[2]![0]!.token })
  const whole = await readLog(last, epoch, 0)
  expect(whole).toHaveLength(MESSAGES)
  const messages = whole.map(entry => (entry.kind === 'msg' ? entry.data.body : ''))
  expect(new Set(messages).size).toBe(MESSAGES)
  expect(new Set(messages)).toEqual(new Set(sent.flat().map(({ body }) => body)))
})
