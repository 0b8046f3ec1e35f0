// Many schedules, one after the other: each from a seed, each in a process of its own, and a failure made as small as it gets.

import { randomFrom } from '@ws/testing'
import { drawSchedule, type Step } from './schedule.ts'
import { Tally } from './tally.ts'
import { World } from './world.ts'

/** What became of one schedule. */
export interface Outcome {
  readonly hash: number
  readonly trace: readonly string[]
  /** What happened and must not. */
  readonly violation: string | undefined
}

/** A schedule that failed. */
export interface Failure {
  readonly seed: number
  readonly violation: string
  /** The fewest steps that were found to fail. */
  readonly steps: readonly Step[]
}

/** What became of many. */
export interface Summary {
  readonly schedules: number
  readonly milliseconds: number
  readonly tally: Tally
  readonly failure: Failure | undefined
}

/** Milliseconds in one callback of Node's; then it may do something else. */
const LONGEST_CALLBACK = 200

/** The schedule of a seed. */
function scheduleOf(seed: number): Step[] {
  return drawSchedule(randomFrom(seed))
}

/** Runs the schedule of a seed, or these steps in its place; must be called in a callback of Node's, not in a microtask. */
export function runSeed(
  seed: number,
  options: { steps?: readonly Step[]; trace?: boolean; tally?: Tally } = {},
): Outcome {
  const { steps = scheduleOf(seed), trace = false, tally } = options
  const world = new World(seed, trace)
  let violation: string | undefined
  try {
    world.run(steps)
  } catch (error) {
    violation = (error as Error).message
  }
  tally?.add(steps, world.links)
  return { hash: world.hash, trace: world.trace ?? [], violation }
}

/** Calls something in a callback of its own. */
export function inCallback<T>(run: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(run())
      } catch (error) {
        reject(error)
      }
    })
  })
}

/** Runs so many schedules, those of `first` and the seeds behind it, up to the first that fails. */
export async function runMany(
  first: number,
  count: number,
  progress?: (done: number) => void,
): Promise<Summary> {
  const tally = new Tally()
  const start = performance.now()
  let done = 0
  let failed: number | undefined
  while (done < count && failed === undefined) {
    await inCallback(() => {
      const until = performance.now() + LONGEST_CALLBACK
      while (done < count && failed === undefined && performance.now() < until) {
        const seed = (first + done++) >>> 0
        if (runSeed(seed, { tally }).violation !== undefined) failed = seed
      }
    })
    progress?.(done)
  }
  const milliseconds = performance.now() - start
  const failure = failed === undefined ? undefined : await inCallback(() => shrink(failed!))
  return { schedules: done, milliseconds, tally, failure }
}

/** Leaves out steps, many at a time and then fewer, while it still fails. */
export function shrink(seed: number): Failure {
  let steps = scheduleOf(seed)
  let violation = runSeed(seed, { steps }).violation ?? 'it failed once and not again'
  for (let size = steps.length >> 1; size > 0; size = size === 1 ? 0 : size >> 1) {
    for (let at = steps.length - size; at >= 0; at -= 1) {
      const fewer = steps.toSpliced(at, size)
      const again = runSeed(seed, { steps: fewer }).violation
      if (again === undefined) continue
      steps = fewer
      violation = again
    }
  }
  return { seed, violation, steps }
}

/** A failure in words, with how to see it again. */
export function tellFailure({ seed, violation, steps }: Failure): string {
  const { trace } = runSeed(seed, { steps, trace: true })
  return [
    `seed ${seed}: ${violation}`,
    `in ${steps.length} steps (—) of ${scheduleOf(seed).length}, and what happened in them, with the milliseconds:`,
    ...trace.map(line => `  ${line}`),
    `again: pnpm --filter @ws/simulation start --replay ${seed}`,
  ].join('\n')
}
