// Connections that are open and say nothing, until whoever started this has seen what they cost.

import { openClients } from './client.ts'
import type { Job } from './job.ts'

/** Opens the connections and says so; they stay open until this process ends, with its standard input. */
export async function idle(job: Job): Promise<never> {
  await openClients(job.port, job.connections, job.compressed)
  console.log('open')
  return await new Promise<never>(() => {})
}
