// The two ends of a measurement: what is counted between them, and the CPU time that the server and this process took.

import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
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
    serverCpu: end.serverCpu - start.serverCpu,
    loadCpu: end.loadCpu - start.loadCpu,
  }
}

function sample(
  job: Job,
  count: () => number,
): { now: number; count: number; serverCpu: number; loadCpu: number } {
  const { user, system } = process.cpuUsage()
  return {
    now: performance.now(),
    count: count(),
    serverCpu: cpuSecondsOf(job.pid),
    loadCpu: (user + system) / 1e6,
  }
}

/** CPU seconds of all threads of a process, to the nanosecond, as Linux has them. */
function cpuSecondsOf(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0])
  }
  return nanoseconds / 1e9
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
