// Closed loop: each connection always has so many messages under way, and sends one for each reply.

import { Buffer } from 'node:buffer'
import { createFrames, openClients } from './client.ts'
import type { Job, LoadResult } from './job.ts'
import { measure } from './measure.ts'

/** Runs the load, and counts replies by their length. */
export async function echo(job: Job): Promise<LoadResult> {
  const { sent, reply } = createFrames(job.size, job.type, job.raw)
  const batch = Buffer.concat(Array.from({ length: job.inFlight }, () => sent))
  let replies = 0
  const clients = await openClients(job.port, job.connections)
  for (const client of clients) {
    let received = 0
    client.expect(reply)
    client.receive = length => {
      received += length
      const count = Math.floor(received / reply.length)
      if (count === 0) return
      received -= count * reply.length
      replies += count
      client.socket.write(count === job.inFlight ? batch : batch.subarray(0, count * sent.length))
    }
    client.socket.write(batch)
  }
  return measure(job, () => replies)
}
