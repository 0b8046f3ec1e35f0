// `@ws/compat` beside `ws` under the same program: echo of 20 bytes of text on 100 connections.

import { compare, startScript } from './lib/compare.ts'
import { COMPAT, OURS, WS } from './lib/contenders.ts'
import { CPU, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

const PING_PONG = '1 in flight'
const PIPELINED = '16 in flight'

await compare(
  {
    name: 'compat-echo',
    title: '`@ws/compat`: echo of 20 B of text on 100 connections',
    contenders: [COMPAT, WS, OURS],
    figures: [RATE, CPU, SERVER_SHARE, LOAD_SHARE],
    cases: [
      { name: PING_PONG, measure: underLoad('echo', { kind: 'echo', size: 20, inFlight: 1 }) },
      { name: PIPELINED, measure: underLoad('echo', { kind: 'echo', size: 20, inFlight: 16 }) },
    ],
    goals: [
      {
        work: '`@ws/compat`, echo of 20 B, 1 in flight: CPU per message',
        figure: CPU,
        case: PING_PONG,
        against: WS.name,
        goal: 1,
      },
      {
        work: '`@ws/compat`, echo of 20 B, 16 in flight: messages per second',
        figure: RATE,
        case: PIPELINED,
        against: WS.name,
        goal: 5,
      },
    ],
  },
  startScript(),
)
