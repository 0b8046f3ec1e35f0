// Echo of 64 KiB, 4 messages in flight on each of 100 connections: messages that are about as large as a read.

import { compare, startScript } from './lib/compare.ts'
import { BUN, OURS, OURS_CARELESS, UWS, WS } from './lib/contenders.ts'
import { CPU, LOAD_SHARE, MEGABYTES, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

await compare(
  {
    name: 'echo-64k',
    title: 'Echo of 64 KiB of binary, 4 in flight on each of 100 connections',
    notes: [
      'Our handler awaits `ready` when `send` returns false, as the guides recommend; the careless one ignores the result. The others wait for nothing.',
    ],
    contenders: [OURS, OURS_CARELESS, WS, UWS, BUN],
    figures: [MEGABYTES, CPU, SERVER_SHARE, LOAD_SHARE],
    cases: [
      {
        name: '64 KiB',
        measure: underLoad('echo', { kind: 'echo', type: 'binary', size: 64 * 1024, inFlight: 4 }),
      },
    ],
    goals: [
      {
        work: 'echo of 64 KiB of binary, 4 in flight: MB/s',
        figure: MEGABYTES,
        against: WS.name,
        goal: 1.5,
        aim: 2,
      },
      {
        work: 'echo of 64 KiB of binary, awaiting ready: CPU per message',
        figure: CPU,
        against: OURS_CARELESS.name,
        goal: 1.05,
        aim: 1,
      },
      {
        work: 'echo of 64 KiB of binary, 4 in flight: CPU per message',
        figure: CPU,
        against: UWS.name,
        goal: 1.6,
        aim: 1.2,
      },
    ],
  },
  startScript(),
)
