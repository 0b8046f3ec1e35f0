// Echo of 20 bytes of text, 64 messages in flight on each of 100 connections: what messages cost that come many at a time.

import { compare, startScript } from './lib/compare.ts'
import { BUN, OURS, UWS, WS } from './lib/contenders.ts'
import { CPU, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

const work = 'echo of 20 B, 64 in flight: messages per second'

await compare(
  {
    name: 'echo-pipelined-64',
    title: 'Echo of 20 B of text, 64 in flight on each of 100 connections',
    contenders: [OURS, WS, UWS, BUN],
    figures: [RATE, CPU, SERVER_SHARE, LOAD_SHARE],
    cases: [{ name: '64 in flight', measure: underLoad('echo', { kind: 'echo', size: 20, inFlight: 64 }) }],
    goals: [
      { work, figure: RATE, against: WS.name, goal: 10, aim: 15 },
      { work, figure: RATE, against: BUN.name, goal: 0.9, aim: 1.1 },
    ],
  },
  startScript(),
)
