// So many clients at a time connect, shake hands, and leave by a reset.

import { Client } from './client.ts'
import type { Job, LoadResult } from './job.ts'
import { measure } from './measure.ts'

/** Runs the load, and counts handshakes. */
export function handshakes(job: Job): Promise<LoadResult> {
  let count = 0
  // A handshake that fails ends the run: nobody catches it here.
  const one = async (): Promise<void> => {
    for (;;) {
      const client = await Client.open(job.port)
      count++
      client.reset()
    }
  }
  for (let i = 0; i < job.connections; i++) void one()
  return measure(job, () => count)
}
