import { randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { Keepalive, type KeepaliveOptions } from './keepalive.ts'

const DEFAULTS = { pingInterval: 25_000, pongTimeout: 20_000 }
const STEP = 1000

/** Ticks a keepalive and records its answers; without jitter by default. */
class KeepaliveRun {
  readonly keepalive: Keepalive
  readonly answers: string[] = []
  now = 0
  pings = 0

  constructor(options: Partial<KeepaliveOptions> = {}, random: () => number = () => 0.5) {
    this.keepalive = new Keepalive({ ...DEFAULTS, ...options, random })
    this.tick(0)
  }

  tick(elapsed: number, isFull = false, isRead = true): 'ping' | 'dead' | undefined {
    this.now += elapsed
    const answer = this.keepalive.tick(this.now, elapsed, isFull, isRead)
    if (answer !== undefined) this.answers.push(`${answer} at ${this.now}`)
    return answer
  }

  until(time: number, isFull = false, isRead = true): void {
    while (this.now < time) this.tick(STEP, isFull, isRead)
  }
}

describe('Keepalive of a connection that is not read', () => {
  test('pings at each interval, and never gives up', () => {
    const run = new KeepaliveRun()
    run.until(100_000, false, false)
    expect(run.answers).toEqual(['ping at 25000', 'ping at 50000', 'ping at 75000', 'ping at 100000'])
  })

  test('drops the deadline of a ping, and starts it again once it is read', () => {
    const run = new KeepaliveRun()
    run.until(30_000)
    run.until(50_000, false, false)
    expect(run.answers).toEqual(['ping at 25000'])
    run.until(77_000)
    expect(run.answers).toEqual(['ping at 25000', 'ping at 56000', 'dead at 77000'])
  })

  test('does not ping while the transport is full', () => {
    const run = new KeepaliveRun()
    run.until(100_000, true, false)
    expect(run.answers).toEqual([])
  })
})

describe('Keepalive', () => {
  test('R3: pings an idle peer, and reports it as dead when nothing is received after the ping', () => {
    const run = new KeepaliveRun()
    run.until(46_000)
    expect(run.answers).toEqual(['ping at 25000', 'dead at 46000'])
  })

  test('R9: sends no second ping while the first is unanswered', () => {
    const run = new KeepaliveRun({ pongTimeout: 1_000_000 })
    run.until(1_000_000)
    expect(run.answers).toEqual(['ping at 25000'])
  })

  test('does not ping while bytes are received', () => {
    const run = new KeepaliveRun()
    for (let i = 0; i < 100; i++) {
      run.until(run.now + 20_000)
      run.keepalive.received()
    }
    expect(run.answers).toEqual([])
  })

  test('measures the idle time from the first tick after the last received bytes', () => {
    const run = new KeepaliveRun()
    run.until(10_000)
    run.keepalive.received()
    run.until(35_000)
    expect(run.answers).toEqual([])
    run.tick(STEP)
    expect(run.answers).toEqual(['ping at 36000'])
  })

  test('keeps the peer alive after any bytes that follow the ping, until it is idle again', () => {
    const run = new KeepaliveRun()
    run.until(44_000)
    run.keepalive.received()
    run.until(70_000)
    expect(run.answers).toEqual(['ping at 25000', 'ping at 70000'])
  })

  test('does not count bytes received before the ping as an answer', () => {
    const run = new KeepaliveRun()
    run.keepalive.received()
    run.until(47_000)
    expect(run.answers).toEqual(['ping at 26000', 'dead at 47000'])
  })

  test('accepts an answer at the last moment', () => {
    const run = new KeepaliveRun()
    run.until(45_000)
    run.keepalive.received()
    expect(run.tick(STEP)).toBe(undefined)
    run.until(70_000)
    expect(run.answers).toEqual(['ping at 25000'])
  })

  test.each([
    ['L13', 'the process was stopped'],
    ['L14', 'the event loop was stalled'],
  ])('%s: does not report a peer as dead before its answer is read when %s', () => {
    // From 45,000 on an answer is late even without a stall.
    for (let before = 0; before < 45_000; before += 500) {
      const run = new KeepaliveRun()
      while (run.now < before) run.tick(500)
      // The clock advances by two steps at most.
      expect(run.tick(2 * STEP)).not.toBe('dead')
      run.keepalive.received()
      for (let i = 0; i < 20; i++) expect(run.tick(STEP)).toBe(undefined)
    }
  })

  test('reports a peer that was silent before the stall as dead after it', () => {
    const run = new KeepaliveRun()
    run.until(44_000)
    expect(run.tick(2 * STEP)).toBe(undefined)
    expect(run.tick(STEP)).toBe('dead')
  })

  test('stops the idle time and the deadline while it is blocked', () => {
    const run = new KeepaliveRun()
    run.until(20_000)
    run.until(1_020_000, true)
    run.until(1_040_000)
    expect(run.answers).toEqual(['ping at 1025000'])
    run.until(2_040_000, true)
    run.until(2_046_000)
    expect(run.answers).toEqual(['ping at 1025000', 'dead at 2046000'])
  })

  test('does not report a peer as dead while it is blocked or in the tick after that', () => {
    const run = new KeepaliveRun()
    run.until(45_000)
    for (let i = 0; i < 100; i++) expect(run.tick(STEP, true)).toBe(undefined)
    expect(run.tick(STEP)).toBe(undefined)
    run.keepalive.received()
    expect(run.tick(STEP)).toBe(undefined)
    expect(run.answers).toEqual(['ping at 25000'])
  })

  test('never pings with an infinite pingInterval, and waits forever with an infinite pongTimeout', () => {
    const never = new KeepaliveRun({ pingInterval: Number.POSITIVE_INFINITY })
    never.tick(1e12)
    never.tick(1e12, true, true)
    never.keepalive.received()
    never.tick(1e12)
    expect(never.answers).toEqual([])
    const patient = new KeepaliveRun({ pongTimeout: Number.POSITIVE_INFINITY })
    for (let i = 0; i < 10; i++) patient.tick(1e12)
    expect(patient.answers).toEqual(['ping at 1000000000000'])
  })

  test.each([
    [0, 22_500],
    [0.5, 25_000],
    [1 - 2 ** -53, 27_500],
  ])('varies the interval by up to a tenth either way (random value %d)', (value, interval) => {
    const run = new KeepaliveRun({}, () => value)
    run.tick(interval - 1)
    expect(run.answers).toEqual([])
    run.tick(2)
    expect(run.answers).toEqual([`ping at ${interval + 1}`])
  })

  test('spreads the pings of peers that connected at the same time', () => {
    const random = randomFrom(3)
    const runs = Array.from({ length: 1000 }, () => new KeepaliveRun({}, random))
    const perTick = new Map<number, number>()
    for (let now = STEP; now <= 28_000; now += STEP) {
      for (const run of runs) if (run.tick(STEP) === 'ping') perTick.set(now, (perTick.get(now) ?? 0) + 1)
    }
    expect([...perTick.values()].reduce((sum, n) => sum + n)).toBe(1000)
    expect(Math.min(...perTick.keys())).toBe(23_000)
    expect(Math.max(...perTick.values())).toBeLessThan(300)
  })
})

describe('Keepalive.latency', () => {
  test('is the real time from a ping to its pong', () => {
    const keepalive = new Keepalive(DEFAULTS)
    expect(keepalive.latency).toBe(undefined)
    keepalive.pong(keepalive.ping(1000), 1012.5)
    expect(keepalive.latency).toBe(12.5)
    const payload = keepalive.ping(26_000)
    expect(keepalive.latency).toBe(12.5)
    keepalive.pong(payload, 26_000)
    expect(keepalive.latency).toBe(0)
  })

  test('is undefined until a pong has the payload of the ping', () => {
    const keepalive = new Keepalive({ ...DEFAULTS, random: randomFrom(1) })
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

  test('ignores a second pong, and a late pong to an earlier ping', () => {
    const keepalive = new Keepalive({ ...DEFAULTS, random: randomFrom(2) })
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

  test.each([0, 0.5, 1 - 2 ** -53])(
    'recognizes the payload of its ping anywhere in a buffer (random value %d)',
    value => {
      const keepalive = new Keepalive({ ...DEFAULTS, random: () => value })
      const chunk = new Uint8Array(100)
      chunk.set(keepalive.ping(0), 33)
      keepalive.pong(chunk.subarray(33, 37), 1)
      expect(keepalive.latency).toBe(1)
    },
  )
})

describe('isAnswer of a Keepalive', () => {
  test('recognizes the pongs of the last two pings, and no others', () => {
    const keepalive = new Keepalive(DEFAULTS)
    expect(keepalive.isAnswer(new Uint8Array(4))).toBe(false)
    const pings = [keepalive.ping(1), keepalive.ping(2), keepalive.ping(3)]
    expect(pings.map(ping => keepalive.isAnswer(ping))).toEqual([false, true, true])
    expect(keepalive.isAnswer(new Uint8Array(5))).toBe(false)
  })
})
