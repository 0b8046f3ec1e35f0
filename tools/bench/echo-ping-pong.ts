// Echo of 20 bytes of text, one message in flight on each of 100 connections: what one message costs that comes alone.

import { compare, startScript } from './lib/compare.ts'
import { BUN, NET, OURS, UWS, WS } from './lib/contenders.ts'
import { CPU, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

const work = 'echo of 20 B, 1 in flight: CPU per message'

await compare(
  {
    name: 'echo-ping-pong',
    title: 'Echo of 20 B of text, 1 in flight on each of 100 connections',
    contenders: [OURS, NET, WS, UWS, BUN],
    figures: [CPU, RATE, SERVER_SHARE, LOAD_SHARE],
    cases: [{ name: '1 in flight', measure: underLoad('echo', { kind: 'echo', size: 20, inFlight: 1 }) }],
    goals: [
      { work, figure: CPU, against: NET.name, goal: 1.2, aim: 1.08 },
      { work, figure: CPU, against: WS.name, goal: 0.8, aim: 0.7 },
    ],
  },
  startScript(),
)
