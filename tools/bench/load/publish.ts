// One connection publishes, all get it; when all have got all of it, it publishes again: one message, or several in one write, so
// that they reach the server in one turn of its event loop.

import { createFrames, openClients, repeat } from './client.ts'
import type { Job, LoadResult } from './job.ts'
import { measure } from './measure.ts'

/** Runs the load, and counts deliveries by their length; the first of each connection are compared to the byte. */
export async function publish(job: Job): Promise<LoadResult> {
  const { sent, reply } = createFrames(job.size, job.type, job.raw)
  const batch = repeat(sent, job.inFlight)
  const replies = repeat(reply, job.inFlight)
  const clients = await openClients(job.port, job.connections)
  let total = 0
  let complete = 0
  let round = 0
  for (const client of clients) {
    let received = 0
    let mine = 0
    client.expect(replies)
    client.receive = length => {
      total += length
      // The next round may begin for this connection only when it has ended for all.
      if (mine !== round) {
        mine = round
        received = 0
      }
      received += length
      if (received > replies.length) throw new Error('the server sent more than was published')
      if (received === replies.length && ++complete === clients.length) next()
    }
  }
  next()
  return measure(job, () => total / reply.length)

  function next(): void {
    complete = 0
    round++
    clients[0]!.write(batch)
  }
}
