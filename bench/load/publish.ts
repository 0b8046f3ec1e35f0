// One connection publishes and all get it; when all have it, it publishes again.

import { createFrames, openClients } from './client.ts'
import type { Job, LoadResult } from './job.ts'
import { measure } from './measure.ts'

/** Runs the load, and counts deliveries by their length. */
export async function publish(job: Job): Promise<LoadResult> {
  const { sent, reply } = createFrames(job.size, job.type, job.raw)
  const clients = await openClients(job.port, job.connections)
  const publisher = clients[0]!.socket
  const round = clients.length * reply.length
  let received = 0
  let deliveries = 0
  for (const client of clients) {
    client.expect(reply)
    client.receive = length => {
      received += length
      if (received < round) return
      received = 0
      deliveries += clients.length
      publisher.write(sent)
    }
  }
  publisher.write(sent)
  return measure(job, () => deliveries)
}
