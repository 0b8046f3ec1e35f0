// The promise, under the hardest end there is: kill -9 while 10,000 messages are being sent.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { WireEntry } from '../src/wire/messages.ts'
import { ChatProcess } from './chat-process.ts'
import { TestClient } from './client.ts'

const CLIENTS = 200
const MESSAGES = 10_000
const ROOMS = 10

/** A message in progress: its text, and its position once it is acknowledged. */
interface Sent {
  readonly cid: string
  readonly body: string
  seq?: number
}

let folder: string
let running: ChatProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ws-chat-'))
})
afterEach(async () => {
  await running?.kill()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a chat on the folder's file; returns its port. */
async function start(): Promise<number> {
  running = await ChatProcess.start(['--data', join(folder, 'chat.db')])
  return running.port
}

/**
 * Sends one message after the other, each after the acknowledgment of the last, until all are sent
 * or the chat has ended.
 */
async function sendAll(
  client: TestClient,
  room: string,
  all: readonly Sent[],
  stored: () => void,
): Promise<void> {
  for (const sent of all) {
    try {
      sent.seq = (await client.ask('send', { room, cid: sent.cid, body: sent.body })).seq
    } catch {
      return
    }
    stored()
  }
}

/** The log after a position, as a resuming client receives it. */
async function readLog(
  port: number,
  token: string,
  room: string,
  since: readonly [epoch: string, seq: number],
): Promise<readonly WireEntry[]> {
  await using client = await TestClient.connect(port)
  await client.ask('hello', { v: 1, token })
  await client.ask('join', { room, since })
  await client.push('sync', sync => !sync.more)
  const syncs = client.all('sync')
  expect(syncs.every(sync => sync.ok)).toBe(true)
  return syncs.flatMap(({ log }) => log)
}

const roomOf = (index: number) => `room-${index % ROOMS}`
const bodyOf = (entry: WireEntry) => (entry.kind === 'msg' ? entry.data.body : undefined)

test('kill -9 during 10,000 sends loses and duplicates nothing, and clients continue without a gap', {
  timeout: 60_000,
}, async () => {
  const port = await start()
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) => TestClient.guest(port, `guest-${index}`)),
  )
  const epochs = await Promise.all(
    clients.map(
      async (client, index) => (await client.ask('join', { room: roomOf(index), create: true })).epoch,
    ),
  )
  const tokens = clients.map(({ hello }) => hello.token!)
  const sent = clients.map((_, index) =>
    Array.from({ length: MESSAGES / CLIENTS }, (_, n): Sent => {
      return { cid: randomBytes(16).toString('base64url'), body: `${index}: ${n}` }
    }),
  )
  let acknowledged = 0
  let killed: Promise<void> | undefined
  await Promise.all(
    clients.map((client, index) =>
      sendAll(client, roomOf(index), sent[index]!, () => {
        // In the middle of it: others have been sent, stored even, and not been acknowledged.
        if (++acknowledged === MESSAGES / 2) killed = running!.kill()
      }),
    ),
  )
  await killed
  expect(acknowledged).toBeGreaterThanOrEqual(MESSAGES / 2)
  expect(acknowledged).toBeLessThan(MESSAGES)

  const again = await start()
  for (let first = 0; first < ROOMS; first++) {
    const room = roomOf(first)
    const log = await readLog(again, tokens[first]!, room, [epochs[first]!, 0])
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1))
    const known = sent.filter((_, index) => roomOf(index) === room).flat()
    for (const { seq, body } of known) if (seq !== undefined) expect(bodyOf(log[seq - 1]!)).toBe(body)

    // The client had an unbroken part of it, and goes on from there.
    const had = clients[first]!.log(room)
    expect(had).toEqual(had.map((_, index) => had[0]! + index))
    const missed = await readLog(again, tokens[first]!, room, [epochs[first]!, had.at(-1)!])
    expect(missed).toEqual(log.slice(had.at(-1)!))
  }

  // Messages without an acknowledgment are retried, and so is one with: neither is stored twice.
  await Promise.all(
    sent.map(async (messages, index) => {
      await using client = await TestClient.connect(again)
      await client.ask('hello', { v: 1, token: tokens[index]! })
      await client.ask('join', { room: roomOf(index) })
      for (const { cid, body, seq } of messages.slice(messages[0]!.seq === undefined ? 0 : 1))
        if (seq === undefined) await client.ask('send', { room: roomOf(index), cid, body })
      const { cid, body, seq } = messages[0]!
      const reply = await client.ask('send', { room: roomOf(index), cid, body })
      expect(reply).toMatchObject({ dup: true, ...(seq !== undefined && { seq }) })
    }),
  )
  const bodies: (string | undefined)[] = []
  for (let first = 0; first < ROOMS; first++)
    bodies.push(...(await readLog(again, tokens[first]!, roomOf(first), [epochs[first]!, 0])).map(bodyOf))
  const messages = bodies.filter(body => body !== undefined)
  expect(messages).toHaveLength(MESSAGES)
  expect(new Set(messages)).toEqual(new Set(sent.flat().map(({ body }) => body)))
})
