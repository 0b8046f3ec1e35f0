// Connections that are open and say nothing, until whoever started this has seen what they cost.

import { once } from 'node:events'
import { openClients } from './client.ts'
import type { Job } from './job.ts'

/** Opens the connections and says so; keeps them until standard input ends. */
export async function idle(job: Job): Promise<void> {
  await openClients(job.port, job.connections)
  console.log('open')
  process.stdin.resume()
  await once(process.stdin, 'end')
}
