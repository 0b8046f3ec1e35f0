// Echo of 20 bytes of text, 16 messages in flight on each of 100 connections: what messages cost that come a few at a time.

import { compare, startScript } from './lib/compare.ts'
import { BUN, OURS, UWS, WS } from './lib/contenders.ts'
import { CPU, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

const work = 'echo of 20 B, 16 in flight: messages per second'

await compare(
  {
    name: 'echo-pipelined-16',
    title: 'Echo of 20 B of text, 16 in flight on each of 100 connections',
    contenders: [OURS, WS, UWS, BUN],
    figures: [RATE, CPU, SERVER_SHARE, LOAD_SHARE],
    cases: [{ name: '16 in flight', measure: underLoad('echo', { kind: 'echo', size: 20, inFlight: 16 }) }],
    goals: [
      { work, figure: RATE, against: WS.name, goal: 5, aim: 10 },
      { work, figure: RATE, against: UWS.name, goal: 1, aim: 1.5 },
    ],
  },
  startScript(),
)
