// Clients that ask for much and pay with little, and clients that leave before their requests are
// carried out.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { HistoryQuery } from '../../src/engine/engine.ts'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { LOBBY, SUBPROTOCOL } from '../../src/wire/constants.ts'
import { nextCid, startChat } from '../chat/start.ts'
import type { TestClient } from '../client.ts'
import { message } from '../engine/drafts.ts'

const KIB = 1024

/** Characters of a reply. */
const sizeOf = (reply: object) => JSON.stringify(reply).length

/** The longest body, many times. */
async function fill(engine: MemoryEngine, room: string, count: number): Promise<void> {
  await engine.createRoom(room)
  for (let i = 0; i < count; i++) await engine.publish(room, message('é'.repeat(4000)))
}

async function send(client: TestClient, room = LOBBY) {
  return client.ask('send', { room, cid: nextCid(), body: 'hello' })
}

test('the list of rooms has pages', async () => {
  await using chat = await startChat()
  const names = Array.from({ length: 250 }, (_, index) => `room-${String(index).padStart(3, '0')}`)
  for (const name of names) {
    await chat.engine.createRoom(name)
    const topic = '\u0001'.repeat(200)
    await chat.engine.publish(name, { ...message(''), kind: 'topic', data: { topic } }, { patch: { topic } })
  }
  const client = await chat.guest('Ann')
  const found: string[] = []
  let after: string | undefined
  do {
    const page = await client.ask('rooms', { ...(after !== undefined && { after }) })
    expect(sizeOf(page)).toBeLessThan(70 * KIB)
    found.push(...page.rooms.map(({ room }) => room))
    after = page.next
  } while (after !== undefined)
  expect(found).toEqual([LOBBY, ...names])
  expect((await client.ask('rooms', { limit: 3, after: 'lobby' })).rooms.map(({ room }) => room)).toEqual(
    names.slice(0, 3),
  )
})

test('a page of history ends after 64 KiB of text, and pages in all directions have no gaps', async () => {
  const engine = new MemoryEngine()
  await using chat = await startChat({ engine })
  await fill(engine, LOBBY, 60)
  const ann = await chat.member('Ann')
  const seqs = async (query: Partial<HistoryQuery> & { around?: number; folds?: boolean }) => {
    const page = await ann.ask('history', { room: LOBBY, limit: 100, ...query })
    expect(sizeOf(page)).toBeLessThan(75 * KIB)
    const found = page.log.map(({ seq }) => seq)
    expect(found).toEqual(found.map((_, index) => found[0]! + index))
    return found
  }
  const newest = await seqs({})
  expect(newest.at(-1)).toBe(60)
  expect((await seqs({ before: newest[0]! })).at(-1)).toBe(newest[0]! - 1)
  expect((await seqs({ after: 20 }))[0]).toBe(21)
  expect((await seqs({ after: 20, folds: true }))[0]).toBe(21)
  const around = await seqs({ around: 30 })
  expect(around).toContain(30)
  expect(around[0]).toBeLessThan(30)
  expect(around.at(-1)).toBeGreaterThan(30)
  for (const edge of [1, 60]) expect(await seqs({ around: edge })).toContain(edge)
})

test('reads are refused when the allowance of the address is used up, but sends are not', async () => {
  const engine = new MemoryEngine()
  await using chat = await startChat({ engine, limits: { reads: { burst: 2048 * KIB, perSecond: 1 } } })
  await fill(engine, LOBBY, 60)
  const ann = await chat.member('Ann')
  const bob = await chat.member('Bob')
  const refusal = async (client: TestClient) => {
    for (let i = 0; i < 20; i++) {
      const reply = await client.ask('history', { room: LOBBY, limit: 100 }).catch(error => error.reply)
      if (reply.code !== undefined) return reply
    }
  }
  const refused = { code: 'rate_limited', temporary: true, retry: expect.any(Number) }
  expect(await refusal(ann)).toMatchObject(refused)
  expect(await bob.ask('history', { room: LOBBY, limit: 1 })).toBeDefined()
  for (const t of ['rooms', 'who', 'join'] as const)
    expect(await ann.refusal(t, { room: LOBBY })).toMatchObject(refused)
  for (const client of [ann, bob]) await send(client)
  await ann.ask('ping', {})
  for (let i = 0; i < 8; i++) {
    const crowd = await chat.connect()
    const hello = await crowd.ask('hello', { v: 1, nick: `Crowd ${i}` }).catch(error => error.reply)
    if (hello.code !== undefined) break
    const join = await crowd.ask('join', { room: LOBBY }).catch(error => error.reply)
    if (join.code === undefined) await refusal(crowd)
  }
  expect(await bob.refusal('rooms', {})).toMatchObject(refused)
  const late = await chat.connect()
  const reply = await late.refusal('hello', { v: 1, nick: 'Late' })
  expect(reply).toMatchObject(refused)
  expect(reply.msg).toMatch(/^Too many requests\. Try again in \d+ (?:seconds?|minutes|hours)\.$/)
})

test('a client that resumes after a long time gets all missed entries, at the pace of the allowance', async () => {
  const engine = new MemoryEngine()
  const rooms = Array.from({ length: 10 }, (_, index) => `room-${index}`)
  await using chat = await startChat({
    engine,
    limits: { reads: { burst: 4096 * KIB, perSecond: 1024 * KIB } },
  })
  for (const room of rooms) await fill(engine, room, 20)
  const ann = await chat.guest('Ann')
  const tops = await engine.tops(rooms)
  const resume = Object.fromEntries(rooms.map(room => [room, [tops.get(room)!.epoch, 0] as const]))
  await ann.leave()
  const again = await chat.connect()
  const began = performance.now()
  await again.ask('hello', { v: 1, token: ann.hello.token!, resume })
  await again.ask('ping', {})
  await again.until(() => rooms.every(room => again.log(room).length === 20))
  // 1.6 MB; 512 KiB at once, then 256 KiB a second.
  expect(performance.now() - began).toBeGreaterThan(2000)
  for (const room of rooms)
    expect(again.log(room)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  expect(again.all('sync').every(({ ok }) => ok)).toBe(true)
})

test('other clients are served between two rooms of a hello', async () => {
  const engine = new MemoryEngine()
  const rooms = Array.from({ length: 60 }, (_, index) => `room-${index}`)
  await using chat = await startChat({ engine })
  for (const room of rooms) await engine.createRoom(room)
  const ann = await chat.guest('Ann')
  await ann.leave()
  const tops = await engine.tops(rooms)
  const resume = Object.fromEntries(rooms.map(room => [room, [tops.get(room)!.epoch, 0] as const]))
  const again = await chat.connect()
  let turns = 0
  let isEntering = false
  const count = () => {
    if (isEntering) turns++
    setImmediate(count).unref()
  }
  count()
  const enter = engine.accounts.enter.bind(engine.accounts)
  engine.accounts.enter = async (user, room) => {
    isEntering = room !== rooms.at(-1)
    await enter(user, room)
  }
  await again.ask('hello', { v: 1, token: ann.hello.token!, resume })
  expect(turns).toBeGreaterThanOrEqual(rooms.length - 1)
})

/** An engine that counts operations, and holds the first one until the test continues it. */
class GatedEngine extends MemoryEngine {
  asked = 0
  readonly gate = Promise.withResolvers<void>()
  readonly reached = Promise.withResolvers<void>()
  isGated = false

  override async history(room: string, query: HistoryQuery) {
    if (this.isGated) {
      this.asked++
      this.reached.resolve()
      await this.gate.promise
    }
    return super.history(room, query)
  }
}

function frame(said: object): Buffer {
  const body = Buffer.from(JSON.stringify(said))
  // A key of zeros: masked bytes are the bytes.
  return Buffer.concat([Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0]), body])
}

async function upgrade(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  const lines = [
    'GET / HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  await once(socket, 'data')
  return socket
}

test('requests of a client that has left are abandoned', async () => {
  const engine = new GatedEngine()
  await using chat = await startChat({ engine })
  const socket = await upgrade(chat.port)
  const asked = [frame({ t: 'hello', id: 1, v: 1, nick: 'Ann' }), frame({ t: 'join', id: 2, room: LOBBY })]
  socket.write(Buffer.concat(asked))
  const bob = await chat.member('Bob')
  await bob.push('presence', ({ join }) => join?.some(({ nick }) => nick === 'Ann') === true)
  engine.isGated = true
  const queued = Array.from({ length: 30 }, (_, id) => frame({ t: 'history', id: id + 3, room: LOBBY }))
  socket.write(Buffer.concat(queued))
  await engine.reached.promise
  socket.resetAndDestroy()
  // By then the chat has received the hint.
  for (let i = 0; i < 3; i++) await bob.ask('ping', {})
  const gone = bob.until(() => chat.chat.stats().connections === 1, 'the end of the connection')
  engine.gate.resolve()
  // Its message makes it look again.
  for (let i = 0; i < 50 && chat.chat.stats().connections > 1; i++) await bob.ask('ping', {}).catch(() => {})
  await send(bob)
  await gone
  expect(engine.asked).toBeLessThan(5)
})

test('a search ends when its client leaves', async () => {
  const engine = new MemoryEngine()
  const searching = Promise.withResolvers<AbortSignal>()
  engine.search = async ({ signal }) => {
    searching.resolve(signal!)
    await once(signal!, 'abort')
    return { hits: [] }
  }
  await using chat = await startChat({ engine })
  const ann = await chat.member('Ann')
  ann.say({ t: 'search', id: 99, q: 'needle' })
  const signal = await searching.promise
  // The next request does not wait for it.
  await send(ann)
  await ann.leave()
  if (!signal.aborted) await once(signal, 'abort')
  expect(signal.aborted).toBe(true)
})
