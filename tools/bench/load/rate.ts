// Open loop: messages are due at a rate, whatever the server does, one connection after the other. What is late counts from when it was
// due, so that a server that stops for a moment is not measured less for it.

import { percentile } from '../lib/statistics.ts'
import { createFrames, openClients } from './client.ts'
import type { Job, LoadResult, Percentiles } from './job.ts'
import { measure } from './measure.ts'

/** Runs the load, and measures how long each reply took. What has no reply at the end counts with the time it has waited so far. */
export async function rate(job: Job): Promise<LoadResult> {
  const { sent, reply } = createFrames(job.size, job.type, job.raw)
  const clients = await openClients(job.port, job.connections)
  const waiting: number[][] = clients.map(() => [])
  let replies = 0
  let latencies: number[] = []
  for (const [index, client] of clients.entries()) {
    const due = waiting[index]!
    let received = 0
    client.expect(reply)
    client.receive = length => {
      const now = performance.now()
      for (received += length; received >= reply.length; received -= reply.length) {
        const since = due.shift()
        if (since === undefined) throw new Error('the server sent more than it was asked for')
        latencies.push(now - since)
        replies++
      }
    }
  }
  const interval = 1000 / job.rate
  let next = performance.now()
  let turn = 0
  // It does not sleep: it has a core of its own, and a timer would be late by more than what is measured.
  setImmediate(function send() {
    for (const now = performance.now(); next <= now; next += interval) {
      const index = turn++ % clients.length
      waiting[index]!.push(next)
      clients[index]!.write(sent)
    }
    setImmediate(send)
  })
  setTimeout(() => {
    latencies = []
  }, job.warmup)
  const result = await measure(job, () => replies)
  const now = performance.now()
  return { ...result, latency: percentilesOf([...latencies, ...waiting.flat().map(since => now - since)]) }
}

/** Of values in any order. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort()
  const [p50, p90, p99, p999, max] = [0.5, 0.9, 0.99, 0.999, 1].map(share => percentile(sorted, share))
  return { p50: p50!, p90: p90!, p99: p99!, p999: p999!, max: max! }
}
