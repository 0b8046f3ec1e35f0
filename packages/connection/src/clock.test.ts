import { execFile } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { Clock, type Tickable } from './clock.ts'

/** Adds a listener, resolves with the times it was told when there are so many, and takes it away. */
function listen(
  clock: Clock,
  count: number,
  onTick: (times: readonly number[]) => void = () => {},
): Promise<number[]> {
  const { promise, resolve } = Promise.withResolvers<number[]>()
  const times: number[] = []
  const listener: Tickable = {
    tick(now) {
      times.push(now)
      onTick(times)
      if (times.length < count) return
      clock.delete(listener)
      resolve(times)
    },
  }
  clock.add(listener)
  return promise
}

/** Keeps the process from doing anything, as SIGSTOP or a long computation would. */
function stall(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

describe('Clock', () => {
  test('tells all of them the time, which goes forward about as time does', async () => {
    const clock = new Clock(80)
    const start = performance.now()
    const [one, two] = await Promise.all([listen(clock, 8), listen(clock, 8)])
    const elapsed = performance.now() - start
    expect(one).toEqual(two)
    expect(one.every((now, i) => i === 0 || now >= one[i - 1]!)).toBe(true)
    expect(one.at(-1)).toBeGreaterThan(40)
    expect(one.at(-1)).toBeLessThanOrEqual(elapsed)
  })

  test('a stalled process counts at most two steps: what its peers did meanwhile has not been read', async () => {
    const clock = new Clock(80)
    const times = await listen(clock, 6, ({ length }) => {
      if (length === 3) stall(300)
    })
    const steps = times.slice(1).map((now, i) => now - times[i]!)
    expect(Math.max(...steps)).toBeLessThanOrEqual(20)
    expect(steps[2]).toBe(20)
  })

  test('is silent while nobody listens, and that time does not count', async () => {
    const clock = new Clock(80)
    const before = (await listen(clock, 2)).at(-1)!
    stall(200)
    const after = (await listen(clock, 1)).at(-1)!
    expect(after - before).toBeLessThanOrEqual(20)
  })

  test('keeps one timer while anybody listens, and none afterwards', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const clock = new Clock(80)
    const listeners = [{ tick() {} }, { tick() {} }]
    for (const listener of listeners) clock.add(listener)
    expect(vi.getTimerCount()).toBe(1)
    for (const listener of listeners) clock.delete(listener)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  test('one that leaves while the time is told is told no more, the others are', async () => {
    const clock = new Clock(80)
    const told: string[] = []
    const leaving: Tickable = {
      tick() {
        told.push('leaving')
        clock.delete(leaving)
      },
    }
    clock.add(leaving)
    await listen(clock, 3, () => told.push('staying'))
    expect(told).toEqual(['leaving', 'staying', 'staying', 'staying'])
  })

  test('to take away a stranger does no harm', () => {
    expect(() => new Clock(80).delete({ tick() {} })).not.toThrow()
  })

  test('does not keep the process alive', async () => {
    const source = `import { Clock } from ${JSON.stringify(new URL('clock.ts', import.meta.url).href)}
      new Clock(Infinity).add({ tick() { process.exitCode = 1 } })`
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source])
  })
})
