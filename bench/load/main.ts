// The load generator: a process of its own that runs one job and prints what came of it.

import { echo } from './echo.ts'
import { handshakes } from './handshakes.ts'
import { idle } from './idle.ts'
import type { Job } from './job.ts'
import { publish } from './publish.ts'
import { rate } from './rate.ts'

const job = JSON.parse(process.argv[2]!) as Job
if (job.kind === 'idle') await idle(job)
else console.log(JSON.stringify(await { echo, rate, publish, handshakes }[job.kind](job)))
process.exit()
