import { randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { Keepalive, type KeepaliveOptions } from './keepalive.ts'

const DEFAULTS = { pingInterval: 25_000, pongTimeout: 20_000 }
const STEP = 1000

/** A keepalive with its clock, without jitter unless told otherwise. */
class Run {
  readonly keepalive: Keepalive
  readonly said: string[] = []
  now = 0
  pings = 0

  constructor(options: Partial<KeepaliveOptions> = {}, random: () => number = () => 0.5) {
    this.keepalive = new Keepalive({ ...DEFAULTS, ...options }, random)
    this.tick(0)
  }

  tick(elapsed: number, standing = false): 'ping' | 'dead' | undefined {
    this.now += elapsed
    const answer = this.keepalive.tick(this.now, elapsed, standing)
    if (answer !== undefined) this.said.push(`${answer} at ${this.now}`)
    return answer
  }

  /** Ticks each step until `time`. */
  until(time: number, standing = false): void {
    while (this.now < time) this.tick(STEP, standing)
  }
}

describe('Keepalive', () => {
  test('R3: pings an idle peer, and gives it up when nothing comes', () => {
    const run = new Run()
    run.until(46_000)
    expect(run.said).toEqual(['ping at 25000', 'dead at 46000'])
  })

  test('R9: one ping at a time', () => {
    const run = new Run({ pongTimeout: 1_000_000 })
    run.until(1_000_000)
    expect(run.said).toEqual(['ping at 25000'])
  })

  test('no ping while bytes keep coming', () => {
    const run = new Run()
    for (let i = 0; i < 100; i++) {
      run.until(run.now + 20_000)
      run.keepalive.heard()
    }
    expect(run.said).toEqual([])
  })

  test('the idle time begins at the first tick after what was heard', () => {
    const run = new Run()
    run.until(10_000)
    run.keepalive.heard()
    run.until(35_000)
    expect(run.said).toEqual([])
    run.tick(STEP)
    expect(run.said).toEqual(['ping at 36000'])
  })

  test('anything heard after the ping keeps the peer alive, until it is idle again', () => {
    const run = new Run()
    run.until(44_000)
    run.keepalive.heard()
    run.until(70_000)
    expect(run.said).toEqual(['ping at 25000', 'ping at 70000'])
  })

  test('what was heard before the ping does not answer it', () => {
    const run = new Run()
    run.keepalive.heard()
    run.until(47_000)
    expect(run.said).toEqual(['ping at 26000', 'dead at 47000'])
  })

  test('the last moment is early enough', () => {
    const run = new Run()
    run.until(45_000)
    run.keepalive.heard()
    expect(run.tick(STEP)).toBe(undefined)
    run.until(70_000)
    expect(run.said).toEqual(['ping at 25000'])
  })

  test.each([
    ['L13', 'a process that was stopped'],
    ['L14', 'an event loop that was stalled'],
  ])('%s: %s reads before it judges, whenever it was', () => {
    // At 45,000 it is too late: the peer owed an answer by then, and all that had come was read before the next tick.
    for (let before = 0; before < 45_000; before += 500) {
      const run = new Run()
      while (run.now < before) run.tick(500)
      // The server's clock tells of two steps at most.
      expect(run.tick(2 * STEP)).not.toBe('dead')
      // What lay in the kernel is read.
      run.keepalive.heard()
      for (let i = 0; i < 20; i++) expect(run.tick(STEP)).toBe(undefined)
    }
  })

  test('one who was gone before the stall is given up after it', () => {
    const run = new Run()
    run.until(44_000)
    expect(run.tick(2 * STEP)).toBe(undefined)
    expect(run.tick(STEP)).toBe('dead')
  })

  test('neither the idle time nor the deadline goes on while input is held', () => {
    const run = new Run()
    run.until(20_000)
    run.until(1_020_000, true)
    run.until(1_040_000)
    expect(run.said).toEqual(['ping at 1025000'])
    run.until(2_040_000, true)
    run.until(2_046_000)
    expect(run.said).toEqual(['ping at 1025000', 'dead at 2046000'])
  })

  test('nobody is given up in the tick after a hold, nor during one that began at the last moment', () => {
    const run = new Run()
    run.until(45_000)
    for (let i = 0; i < 100; i++) expect(run.tick(STEP, true)).toBe(undefined)
    expect(run.tick(STEP)).toBe(undefined)
    run.keepalive.heard()
    expect(run.tick(STEP)).toBe(undefined)
    expect(run.said).toEqual(['ping at 25000'])
  })

  test('Infinity: no ping, and a ping without end', () => {
    const never = new Run({ pingInterval: Number.POSITIVE_INFINITY })
    never.tick(1e12)
    never.tick(1e12, true)
    never.keepalive.heard()
    never.tick(1e12)
    expect(never.said).toEqual([])
    const patient = new Run({ pongTimeout: Number.POSITIVE_INFINITY })
    for (let i = 0; i < 10; i++) patient.tick(1e12)
    expect(patient.said).toEqual(['ping at 1000000000000'])
  })

  test.each([
    [0, 22_500],
    [0.5, 25_000],
    [1 - 2 ** -53, 27_500],
  ])('the interval varies by a tenth either way: %d', (value, interval) => {
    const run = new Run({}, () => value)
    run.tick(interval - 1)
    expect(run.said).toEqual([])
    run.tick(2)
    expect(run.said).toEqual([`ping at ${interval + 1}`])
  })

  test('those who came together are not pinged together', () => {
    const random = randomFrom(3)
    const runs = Array.from({ length: 1000 }, () => new Run({}, random))
    const perTick = new Map<number, number>()
    for (let now = STEP; now <= 28_000; now += STEP) {
      for (const run of runs) if (run.tick(STEP) === 'ping') perTick.set(now, (perTick.get(now) ?? 0) + 1)
    }
    expect([...perTick.values()].reduce((sum, n) => sum + n)).toBe(1000)
    expect(Math.min(...perTick.keys())).toBe(23_000)
    expect(Math.max(...perTick.values())).toBeLessThan(300)
  })
})

describe('latency', () => {
  test('is the real time from the ping to its pong', () => {
    const keepalive = new Keepalive(DEFAULTS)
    expect(keepalive.latency).toBe(undefined)
    keepalive.pong(keepalive.ping(1000), 1012.5)
    expect(keepalive.latency).toBe(12.5)
    const payload = keepalive.ping(26_000)
    expect(keepalive.latency).toBe(12.5)
    keepalive.pong(payload, 26_000)
    expect(keepalive.latency).toBe(0)
  })

  test('a pong that answers no ping of ours gives none', () => {
    const random = randomFrom(1)
    const keepalive = new Keepalive(DEFAULTS, random)
    keepalive.pong(new Uint8Array(4), 5)
    const payload = keepalive.ping(10)
    for (const other of [
      new Uint8Array(),
      payload.subarray(0, 3),
      Uint8Array.of(...payload, 0),
      payload.map(byte => byte ^ 1),
    ])
      keepalive.pong(other, 20)
    expect(keepalive.latency).toBe(undefined)
    keepalive.pong(payload, 30)
    expect(keepalive.latency).toBe(20)
  })

  test('a second answer, or a late one to the ping before, changes nothing', () => {
    const keepalive = new Keepalive(DEFAULTS, randomFrom(2))
    const first = keepalive.ping(0)
    keepalive.pong(first, 5)
    keepalive.pong(first, 500)
    expect(keepalive.latency).toBe(5)
    const second = keepalive.ping(1000)
    keepalive.pong(first, 1001)
    expect(keepalive.latency).toBe(5)
    keepalive.pong(second, 1007)
    expect(keepalive.latency).toBe(7)
  })

  test.each([0, 0.5, 1 - 2 ** -53])('any mark is known again, anywhere in a buffer: %d', value => {
    const keepalive = new Keepalive(DEFAULTS, () => value)
    const chunk = new Uint8Array(100)
    chunk.set(keepalive.ping(0), 33)
    keepalive.pong(chunk.subarray(33, 37), 1)
    expect(keepalive.latency).toBe(1)
  })
})
