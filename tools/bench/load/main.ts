// The load generator: a process of its own that runs one job and prints what came of it; ends with the process that started it.

import { compressedEcho, compressedPublish } from './compressed.ts'
import { echo } from './echo.ts'
import { handshakes } from './handshakes.ts'
import { hold } from './hold.ts'
import { idle } from './idle.ts'
import type { Job } from './job.ts'
import { publish } from './publish.ts'
import { rate } from './rate.ts'

const kinds = {
  echo,
  handshakes,
  hold,
  idle,
  publish,
  rate,
  'compressed-echo': compressedEcho,
  'compressed-publish': compressedPublish,
}

// What a callback of a socket throws ends the run, and the reader needs no stack.
process.once('uncaughtException', error => {
  console.error(error.message)
  process.exit(1)
})
process.stdin.once('close', () => process.exit()).resume()

const job = JSON.parse(process.argv[2]!) as Job
const result = await kinds[job.kind](job)
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit())
