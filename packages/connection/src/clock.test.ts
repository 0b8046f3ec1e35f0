import { execFile } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { Clock, type Tickable } from './clock.ts'

/** Resolves with the times of the next `count` ticks. */
function collectTicks(
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

/** Blocks the process, as SIGSTOP or a long computation would. */
function stall(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

describe('Clock', () => {
  test('ticks all listeners with the same time, which advances no faster than real time', async () => {
    const clock = new Clock(80)
    const start = performance.now()
    const [one, two] = await Promise.all([collectTicks(clock, 8), collectTicks(clock, 8)])
    const elapsed = performance.now() - start
    expect(one).toEqual(two)
    expect(one.every((now, i) => i === 0 || now >= one[i - 1]!)).toBe(true)
    expect(one.at(-1)).toBeGreaterThan(40)
    expect(one.at(-1)).toBeLessThanOrEqual(elapsed)
  })

  test('advances by at most two steps after the process was stalled', async () => {
    const clock = new Clock(80)
    const times = await collectTicks(clock, 6, ({ length }) => {
      if (length === 3) stall(300)
    })
    const steps = times.slice(1).map((now, i) => now - times[i]!)
    expect(Math.max(...steps)).toBeLessThanOrEqual(20)
    expect(steps[2]).toBe(20)
  })

  test('does not advance while it has no listeners', async () => {
    const clock = new Clock(80)
    const before = (await collectTicks(clock, 2)).at(-1)!
    stall(200)
    const after = (await collectTicks(clock, 1)).at(-1)!
    expect(after - before).toBeLessThanOrEqual(20)
  })

  test('keeps one timer while it has listeners, and none afterwards', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const clock = new Clock(80)
    const listeners = [{ tick() {} }, { tick() {} }]
    for (const listener of listeners) clock.add(listener)
    expect(vi.getTimerCount()).toBe(1)
    for (const listener of listeners) clock.delete(listener)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  test('stops ticking a listener that is deleted during a tick, and keeps ticking the others', async () => {
    const clock = new Clock(80)
    const ticks: string[] = []
    const deleted: Tickable = {
      tick() {
        ticks.push('deleted')
        clock.delete(deleted)
      },
    }
    clock.add(deleted)
    await collectTicks(clock, 3, () => ticks.push('kept'))
    expect(ticks).toEqual(['deleted', 'kept', 'kept', 'kept'])
  })

  test('ignores the deletion of an unknown listener', () => {
    expect(() => new Clock(80).delete({ tick() {} })).not.toThrow()
  })

  test('does not keep the process alive', async () => {
    const source = `import { Clock } from ${JSON.stringify(new URL('clock.ts', import.meta.url).href)}
      new Clock(Infinity).add({ tick() { process.exitCode = 1 } })`
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source])
  })
})
