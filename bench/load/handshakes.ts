// So many clients at a time connect, shake hands, and leave by a reset, which keeps no port waiting.

import { Client } from './client.ts'
import type { Job, LoadResult } from './job.ts'
import { measure } from './measure.ts'

/** Runs the load, and counts handshakes. */
export function handshakes(job: Job): Promise<LoadResult> {
  let count = 0
  const one = (): void => {
    void Client.open(job.port).then(({ socket }) => {
      count++
      socket.resetAndDestroy()
      one()
    })
  }
  for (let i = 0; i < job.connections; i++) one()
  return measure(job, () => count)
}
