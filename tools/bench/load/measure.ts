// The two ends of a measurement: what is counted between them, and the CPU time that the server and this process took.

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { coresOf } from '@ws/testing/machine'
import type { Job, LoadResult } from './job.ts'

/** Which process is measured, or which ones together, for how many milliseconds, after how many of load. */
type Span = Pick<Job, 'warmup' | 'duration'> & { readonly pid: number | readonly number[] }

/** Runs while the load does: after the warm-up counts for as long as the job says. `count` gives how many there have been so far. */
export async function measure(job: Span, count: () => number): Promise<LoadResult> {
  await sleep(job.warmup)
  const start = sample(job, count)
  await sleep(job.duration)
  const end = sample(job, count)
  const serverCpu = cpuSecondsBetween(start.serverCpu, end.serverCpu)
  return {
    count: end.count - start.count,
    seconds: (end.now - start.now) / 1000,
    serverCpu,
    loadCpu: end.loadCpu - start.loadCpu,
    otherCpu: Math.max(0, end.busy - start.busy - serverCpu - (end.loadCpu - start.loadCpu)),
  }
}

/** Nanoseconds of CPU time of each thread of a process. */
type CpuTimes = ReadonlyMap<string, number>

function sample(
  job: Span,
  count: () => number,
): { now: number; count: number; serverCpu: CpuTimes; loadCpu: number; busy: number } {
  const { user, system } = process.cpuUsage()
  const pids = [job.pid].flat()
  return {
    now: performance.now(),
    count: count(),
    serverCpu: new Map(pids.flatMap(pid => [...cpuTimesOf(pid)])),
    loadCpu: (user + system) / 1e6,
    busy: busySecondsOf(new Set([...pids, process.pid].flatMap(pid => coresOf(pid)))),
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

/** Seconds for which these cores have run programs, or their host others' (interrupts are not among them), to a hundredth. */
function busySecondsOf(cores: ReadonlySet<number>): number {
  const lines = readFileSync('/proc/stat', 'latin1').matchAll(/^cpu(\d+) (.+)$/gm)
  let ticks = 0
  for (const [, core, times] of lines) {
    if (!cores.has(Number(core))) continue
    const [user, nice, system, , , , , steal] = times!.split(' ').map(Number)
    ticks += user! + nice! + system! + steal!
  }
  return ticks / 100
}
