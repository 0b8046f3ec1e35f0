// How a round of a contender is measured: under load, by its memory, or without a socket.

import { Child } from '@ws/testing/child'
import { chooseCores } from '@ws/testing/machine'
import type { ClientJob, ClientResult } from '../clients/program.ts'
import type { CodecJob, CodecResult } from '../codec/program.ts'
import type { Held, Job } from '../load/job.ts'
import type { Measure } from './compare.ts'
import { OURS, type Task } from './contenders.ts'
import { numbersOf } from './figures.ts'
import { ServerProcess } from './run.ts'

/** What is asked of the load; how long is up to the settings. */
export type Load = Partial<Omit<Job, 'port' | 'pid' | 'warmup' | 'duration' | 'raw'>>

/** A fresh server that does `task`, under load; `warmups` times as long as is usual before it is measured, for code that runs seldom. */
export function underLoad(task: Task, load: Load, warmups = 1): Measure {
  return async (contender, { warmup, duration }) => {
    await using server = await ServerProcess.start(contender, task)
    const result = await server.run({ ...load, warmup: warmups * warmup, duration })
    return numbersOf(result, load.size ?? 0)
  }
}

/** A fresh server with so many idle connections: how many bytes each adds to its memory, once garbage has been collected. */
export function idleMemory(connections: number, compressed = false): Measure {
  return async contender => {
    await using server = await ServerProcess.start(contender, 'idle')
    const without = await server.memoryWith(0)
    const bytes = (await server.memoryWith(connections, compressed)) - without
    return { bytes: bytes / connections }
  }
}

/** A fresh server and connections that make it hold what they can: how many bytes each adds to its memory. */
export function heldMemory(connections: number, held: Held): Measure {
  return async contender => {
    await using server = await ServerProcess.start(contender, 'hold')
    const without = await server.memoryWith(0)
    const bytes = (await server.memoryHeldBy(connections, held)) - without
    return { bytes: bytes / connections }
  }
}

/** A fresh server whose connections are given so many compressed messages each: its memory behind that, and by how much it has grown. */
export function memoryAfterLoad(connections: number, messages: number, size: number): Measure {
  return async contender => {
    await using server = await ServerProcess.start(contender, 'echo')
    const { before, after } = await server.memoryAround(connections, messages, size)
    return { mebibytes: after / 2 ** 20, growth: after / before }
  }
}

/** A codec without a socket: what a message costs it. */
export function coding(direction: CodecJob['direction'], type: CodecJob['type'], size: number): Measure {
  return async (contender, { warmup, duration }) => {
    await using child = new Child(contender.name, chooseCores().server, contender.command())
    await child.next()
    child.say(JSON.stringify({ direction, type, size, warmup: warmup / 2, duration: duration / 4 }))
    const { messages, cpu } = JSON.parse(await child.next(duration)) as CodecResult
    return { nanoseconds: (cpu / messages) * 1e9, perCpuSecond: messages / cpu }
  }
}

/** A client that talks to a fresh server of ours: what a message or a connection costs the client. */
export function asClient(job: Omit<ClientJob, 'url' | 'warmup' | 'duration'>): Measure {
  return async (contender, { warmup, duration }) => {
    await using server = await ServerProcess.start(OURS, 'echo')
    await using child = new Child(contender.name, chooseCores().load, contender.command())
    await child.next()
    child.say(JSON.stringify({ ...job, url: `ws://127.0.0.1:${server.port}`, warmup, duration }))
    const { count, seconds, cpu } = JSON.parse(await child.next(warmup + duration)) as ClientResult
    return {
      rate: count / seconds,
      cpu: (cpu / count) * 1e6,
      megabytes: (count * job.size) / seconds / 1e6,
      load: (cpu / seconds) * 100,
    }
  }
}
