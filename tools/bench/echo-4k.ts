// Echo of 4 KiB of text, 4 messages in flight on each of 100 connections: what it costs to look at every byte of a text.

import { compare, startScript } from './lib/compare.ts'
import { BUN, OURS, UWS, WS } from './lib/contenders.ts'
import { CPU, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

await compare(
  {
    name: 'echo-4k',
    title: 'Echo of 4 KiB of text, 4 in flight on each of 100 connections',
    contenders: [OURS, WS, UWS, BUN],
    figures: [CPU, RATE, SERVER_SHARE, LOAD_SHARE],
    cases: [{ name: '4 KiB', measure: underLoad('echo', { kind: 'echo', size: 4096, inFlight: 4 }) }],
    goals: [
      {
        work: 'echo of 4 KiB of text, 4 in flight: CPU per message',
        figure: CPU,
        against: WS.name,
        goal: 0.8,
        aim: 0.5,
      },
      {
        work: 'echo of 4 KiB of text, 4 in flight: CPU per message',
        figure: CPU,
        against: BUN.name,
        goal: 1.1,
        aim: 1,
      },
    ],
  },
  startScript(),
)
