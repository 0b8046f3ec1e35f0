// The two ends of a measurement: what is counted between them, and the CPU time that the server and this process took.

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job, LoadResult } from './job.ts'

/** Runs while the load does: after the warm-up counts for as long as the job says. `count` gives how many there have been so far. */
export async function measure(job: Job, count: () => number): Promise<LoadResult> {
  await sleep(job.warmup)
  const start = sample(job, count)
  await sleep(job.duration)
  const end = sample(job, count)
  return {
    count: end.count - start.count,
    seconds: (end.now - start.now) / 1000,
    serverCpu: cpuSecondsBetween(start.serverCpu, end.serverCpu),
    loadCpu: end.loadCpu - start.loadCpu,
  }
}

/** Nanoseconds of CPU time of each thread of a process. */
type CpuTimes = ReadonlyMap<string, number>

function sample(
  job: Job,
  count: () => number,
): { now: number; count: number; serverCpu: CpuTimes; loadCpu: number } {
  const { user, system } = process.cpuUsage()
  return {
    now: performance.now(),
    count: count(),
    serverCpu: cpuTimesOf(job.pid),
    loadCpu: (user + system) / 1e6,
  }
}

/** User and system time as Linux has them: to the nanosecond, brought up to date at least at each tick of its clock. */
function cpuTimesOf(pid: number): CpuTimes {
  const threads = readdirSync(`/proc/${pid}/task`)
  return new Map(threads.map(thread => [thread, cpuTimeOf(`/proc/${pid}/task/${thread}/schedstat`)]))
}

/** A thread may end just before its file is read. */
function cpuTimeOf(file: string): number {
  try {
    return Number(readFileSync(file, 'latin1').split(' ')[0])
  } catch {
    return 0
  }
}

/** What all threads took that are there at the end. */
function cpuSecondsBetween(start: CpuTimes, end: CpuTimes): number {
  let nanoseconds = 0
  for (const [thread, time] of end) nanoseconds += time - (start.get(thread) ?? 0)
  return nanoseconds / 1e9
}
