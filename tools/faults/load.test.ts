// Many at once: thousands who come and go, twice as many as there is room for, and a SIGTERM with a thousand open (HOSTILE.md R2, L10).
// Servers are processes of their own; their memory is judged behind a collection of garbage, against what it was once warm.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { close, FramePeer, text } from '@ws/server/test/frame-peer'
import { RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { isQuiet, ServerApart } from './apart.ts'

const MEBIBYTE = 2 ** 20

/** Calls it for 0, 1, 2 … so many times, that many at a time. */
async function forEachOf(count: number, width: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) await act(next++)
  }
  await Promise.all(Array.from({ length: width }, work))
}

/** Opens a WebSocket and ends it, in one of the ways in which it can end. */
async function comeAndGo(port: number, index: number): Promise<void> {
  const peer = await FramePeer.open(port, { first: text('hello') })
  await peer.frames(1)
  const way = index % 4
  if (way === 0) {
    await peer.send(close(1000))
    await peer.ended()
    peer.raw.end()
  } else if (way === 1) peer.raw.reset()
  else if (way === 2) {
    peer.raw.end()
    await peer.ended()
  }
  await peer[Symbol.asyncDispose]()
}

/** Connects, and ends that, with half a request or without. */
async function lookIn(port: number, index: number): Promise<void> {
  const peer = await RawPeer.connect(port)
  if (index % 2 === 0) await peer.write('GET / HTTP/1.1\r\nHos')
  if (index % 3 === 0) peer.reset()
  await peer[Symbol.asyncDispose]()
}

test('R2: 2,000 upgrades and 2,000 connects leave neither memory nor handles behind', async () => {
  await using server = await ServerApart.start()
  const before = await server.ask('account')
  const round = async (count: number): Promise<void> => {
    await forEachOf(count, 20, index => comeAndGo(server.port, index))
    await forEachOf(count, 20, index => lookIn(server.port, index))
  }
  await round(1000)
  const warm = await server.settled(isQuiet(before))
  await round(2000)
  const after = await server.settled(isQuiet(before))
  expect(after.stats).toMatchObject({ opened: 3000, closed: 3000, sockets: 0, errors: 0 })
  expect(after.handles).toEqual(before.handles)
  expect(after.errors).toEqual([])
  expect((after.heap - warm.heap) / MEBIBYTE).toBeLessThan(1)
  expect((after.outside - warm.outside) / MEBIBYTE).toBeLessThan(1)
})

describe('overload at twice the capacity', () => {
  const CAPACITY = 100

  /** Asks to be let in, and gives the status, with the peer if it is 101. */
  async function ask(port: number, path: string): Promise<{ status: number; peer: RawPeer }> {
    const peer = await RawPeer.connect(port)
    void peer.write(upgradeRequest(path))
    const head = await peer.head()
    return { status: Number(head.slice(9, 12)), peer }
  }

  test('is refused with 503 and 429 alone, at a plateau of memory; those inside are served', async () => {
    await using server = await ServerApart.start({
      options: {
        maxSockets: CAPACITY,
        maxPendingUpgrades: CAPACITY / 2,
        messageRate: { perSecond: 50, burst: 200 },
      },
    })
    const statuses = new Map<number, number>()
    const inside = await Promise.all(Array.from({ length: CAPACITY / 2 }, () => FramePeer.open(server.port)))
    const served = Promise.all(
      inside.map(async peer => {
        for (let count = 1; count <= 50; count++) {
          await peer.send(text(`${count}`))
          expect((await peer.frames(count)).at(-1)).toBe(`text ${count}`)
        }
      }),
    )
    // One wave warms up; what it cost must be enough for all that follow.
    const waves = async (count: number): Promise<void> => {
      for (let wave = 0; wave < count; wave++) {
        const outcomes = await Promise.all(
          Array.from({ length: 2 * CAPACITY }, (_, i) => ask(server.port, i % 2 === 0 ? '/?wait=30' : '/')),
        )
        for (const { status, peer } of outcomes) {
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          peer.reset()
          await peer[Symbol.asyncDispose]()
        }
        const { stats } = await server.ask('glance')
        expect(stats.sockets).toBeLessThanOrEqual(CAPACITY)
        await server.settled(account => account.stats.sockets === inside.length)
      }
    }
    await waves(2)
    const warm = await server.ask('account')
    await waves(5)
    await served
    const after = await server.ask('account')
    expect([...statuses.keys()].toSorted((a, b) => a - b)).toEqual([101, 503])
    expect(statuses.get(503)).toBeGreaterThan(7 * CAPACITY)
    expect((after.heap - warm.heap) / MEBIBYTE).toBeLessThan(1)
    expect((after.outside - warm.outside) / MEBIBYTE).toBeLessThan(1)
    expect(after.errors).toEqual([])
    // Who asks for more than its share is closed with 1008, the others are not.
    const [greedy, ...others] = inside
    await greedy!.send(...Array<Uint8Array>(2000).fill(text('more')))
    expect((await greedy!.ended()).at(-1)).toMatch(/^close 1008 too many messages/)
    for (const peer of others) {
      await peer.send(close(1000))
      expect((await peer.ended()).at(-1)).toBe('close 1000')
    }
    for (const peer of inside) peer.raw.reset()
  })

  test('of one address is answered 429', async () => {
    await using server = await ServerApart.start({ options: { maxSocketsPerAddress: 10 } })
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => ask(server.port, '/')))
    expect(outcomes.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(10).fill(101),
      ...Array<number>(10).fill(429),
    ])
    for (const { peer } of outcomes) peer.reset()
  })
})

describe('L10: SIGTERM to ws-echo with a thousand open', () => {
  const MAIN = fileURLToPath(new URL('@ws/echo/src/main', import.meta.url))
  const COUNT = 1000

  /** Starts it, and fills it. */
  async function crowd(): Promise<{ child: ChildProcess; exited: Promise<unknown[]>; peers: FramePeer[] }> {
    const child = spawn(process.execPath, [MAIN, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(child, 'close')
    let port = 0
    for await (const line of createInterface(child.stdout!)) {
      port ||= Number(/ws:\/\/localhost:(\d+)/.exec(line)?.[1] ?? 0)
      if (line.includes('Ctrl-C')) break
    }
    const peers: FramePeer[] = []
    await forEachOf(COUNT, 50, async () => void peers.push(await FramePeer.open(port)))
    return { child, exited, peers }
  }

  test('all read 1001, what was sent before comes first, and it exits 0 in time', async () => {
    const { child, exited, peers } = await crowd()
    await Promise.all(peers.map(peer => peer.send(text('before')).then(() => peer.frames(1))))
    const start = performance.now()
    child.kill('SIGTERM')
    await Promise.all(
      peers.map(async peer => {
        expect(await peer.frames(2)).toEqual(['text before', 'close 1001'])
        await peer.send(close(1001))
        await peer.ended()
        peer.raw.end()
      }),
    )
    expect(await exited).toEqual([0, null])
    expect(performance.now() - start).toBeLessThan(10_000)
    for (const peer of peers) await peer[Symbol.asyncDispose]()
  })

  test('a second SIGTERM ends it at once, though nobody answers', async () => {
    const { child, exited, peers } = await crowd()
    child.kill('SIGTERM')
    await Promise.all(peers.map(async peer => expect(await peer.frames(1)).toEqual(['close 1001'])))
    const start = performance.now()
    child.kill('SIGTERM')
    expect(await exited).toEqual([null, 'SIGTERM'])
    expect(performance.now() - start).toBeLessThan(2000)
    for (const peer of peers) await peer[Symbol.asyncDispose]()
  })
})
