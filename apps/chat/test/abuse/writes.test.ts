// Writes of many connections from one address.

import { expect, test } from 'vitest'
import type { TestClient } from '../client.ts'
import { MEMORY } from '../engine/kinds.ts'
import { outcomeOf, tally, Visited } from './visitors.ts'

let lastCid = 0

function send(client: TestClient): Promise<string> {
  return outcomeOf(client.ask('send', { room: 'lobby', cid: `cid-${++lastCid}`, body: 'x' }))
}

async function members(visited: Visited, count: number, addressOf: (i: number) => string) {
  const clients = Array.from({ length: count }, async (_, i) => {
    const client = await visited.guest(addressOf(i), `member ${i} of ${count}`)
    await client.ask('join', { room: 'lobby' })
    return client
  })
  return Promise.all(clients)
}

test('thirty connections from one /64 share the limit of an address, and do not limit others', async () => {
  const limits = { addressWrites: { burst: 100, perSecond: 0.001 } }
  await using visited = await Visited.start(MEMORY, { limits })
  const attackers = await members(visited, 30, i => `2001:db8:1:2::${i}`)
  const [neighbor] = await members(visited, 1, () => '2001:db8:1:3::1')
  const outcomes: string[] = []
  for (let i = 0; i < 5; i++) outcomes.push(...(await Promise.all(attackers.map(send))))
  expect(tally(outcomes)).toEqual({ ok: 100, rate_limited: 50 })
  expect(await send(neighbor!)).toBe('ok')
})

test('connections from a whole /48 write four times as much as those from one address', async () => {
  const limits = { addressWrites: { burst: 10, perSecond: 0.001 } }
  await using visited = await Visited.start(MEMORY, { limits })
  const attackers = await members(visited, 30, i => `2001:db8:1:${i}::1`)
  const [neighbor] = await members(visited, 1, () => '2001:db8:2::1')
  const outcomes: string[] = []
  for (let i = 0; i < 3; i++) outcomes.push(...(await Promise.all(attackers.map(send))))
  expect(tally(outcomes)).toEqual({ ok: 40, rate_limited: 50 })
  expect(await send(neighbor!)).toBe('ok')
})

test('a connection whose address has written too much gets the time to wait, and stays open', async () => {
  await using visited = await Visited.start(MEMORY, {
    limits: { addressWrites: { burst: 1, perSecond: 0.01 } },
  })
  const [ann, ben] = await members(visited, 2, () => '192.0.2.1')
  expect(await send(ann!)).toBe('ok')
  const refusal = await ben!.refusal('send', { room: 'lobby', cid: 'refused', body: 'x' })
  expect(refusal).toMatchObject({ code: 'rate_limited', temporary: true })
  expect(refusal.msg).toMatch(/^You're sending messages too quickly\. Try again in \d+ seconds\.$/)
  expect(refusal.retry).toBeGreaterThan(90_000)
  expect([ann!.socket.readyState, ben!.socket.readyState]).toEqual([1, 1])
})

test('an office of a hundred people can join and write at once from one address', async () => {
  await using visited = await Visited.start(MEMORY)
  const office = await members(visited, 100, () => '192.0.2.1')
  expect(tally(await Promise.all(office.map(send)))).toEqual({ ok: 100 })
  const tokens = office.map(({ hello }) => hello.token!)
  for (const client of office) await client.leave()
  // After a restart of the chat, all clients reconnect.
  const back = await Promise.all(tokens.map(() => visited.connect('192.0.2.1')))
  const outcomes = back.map((client, i) => outcomeOf(client.ask('hello', { v: 1, token: tokens[i]! })))
  expect(tally(await Promise.all(outcomes))).toEqual({ ok: 100 })
})
