// Closed loop: each connection always has so many messages under way, and sends one for each reply.

import { setTimeout as sleep } from 'node:timers/promises'
import { createFrames, openClients, repeat } from './client.ts'
import type { Job, LoadResult } from './job.ts'
import { measure } from './measure.ts'

/** So many milliseconds a server has at the end to send what nobody asked for. */
const SURPLUS = 50

/**
 * Runs the load, and counts replies by their length. The first replies on each connection are compared to the byte, and so are
 * those to one more batch at the end, once all others have come: by then a reply too few or too many has been noticed.
 */
export async function echo(job: Job): Promise<LoadResult> {
  const { sent, reply } = createFrames(job.size, job.type, job.raw)
  const batch = repeat(sent, job.inFlight)
  const replies = repeat(reply, job.inFlight)
  let total = 0
  let stopped = false
  let silent = 0
  const clients = await openClients(job.port, job.connections)
  const lastBatch: (() => void)[] = []
  for (const client of clients) {
    let received = 0
    client.expect(replies)
    client.receive = length => {
      total += length
      received += length
      if (received > replies.length) throw new Error('the server sent more than it was asked for')
      if (stopped) {
        if (received === replies.length) silent++
        return
      }
      const count = Math.floor(received / reply.length)
      if (count === 0) return
      received -= count * reply.length
      client.write(count === job.inFlight ? batch : batch.subarray(0, count * sent.length))
    }
    client.write(batch)
    lastBatch.push(() => {
      received = 0
      client.expect(replies)
      client.write(batch)
    })
  }
  // Also of replies that have only come in part.
  const result = await measure(job, () => total / reply.length)
  stopped = true
  await allSilent()
  silent = 0
  for (const send of lastBatch) send()
  await allSilent()
  return result

  /** When each connection has been told all that was under way on it, and nothing more. */
  async function allSilent(): Promise<void> {
    for (const end = performance.now() + job.patience; silent < clients.length; await sleep(1)) {
      if (performance.now() > end) throw new Error('the server left messages without a reply')
    }
    await sleep(SURPLUS)
  }
}
