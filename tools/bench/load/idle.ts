// Connections that are open and say nothing, or only when they are told to, until whoever started this has seen what they cost.

import { createInterface } from 'node:readline'
import { openClients } from './client.ts'
import { compressedTalk } from './compressed.ts'
import type { Job } from './job.ts'

/** Opens the connections and says so; they stay open until this process ends, with its standard input. A line of that makes them talk. */
export async function idle(job: Job): Promise<never> {
  const clients = await openClients(job.port, job.connections, job.compressed)
  console.log('open')
  for await (const _line of createInterface({ input: process.stdin })) {
    await compressedTalk(clients, job.size, job.messages)
    console.log('silent')
  }
  return await new Promise<never>(() => {})
}
