// Open loop: messages are due at a rate, whatever the server does, one connection after the other. What is late counts from when it was
// due, so that a server that stops for a moment is not measured less for it.

import { performance } from 'node:perf_hooks'
import { createFrames, openClients } from './client.ts'
import type { Job, LoadResult, Percentiles } from './job.ts'
import { measure } from './measure.ts'

/** Runs the load, and measures how long each reply took. */
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
        latencies.push(now - due.shift()!)
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
      clients[index]!.socket.write(sent)
    }
    setImmediate(send)
  })
  setTimeout(() => (latencies = []), job.warmup)
  const result = await measure(job, () => replies)
  return { ...result, latency: percentilesOf(latencies) }
}

function percentilesOf(values: number[]): Percentiles {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) }
}
