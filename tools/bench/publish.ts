// 100 bytes of text that one connection sends go to 1,000: one message at a time, and in bursts of 16 that come in one read.

import { compare, startScript } from './lib/compare.ts'
import { BUN, OURS, UWS, WS } from './lib/contenders.ts'
import { CPU, type Figure, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

const cpu: Figure = { ...CPU, label: 'CPU/delivery, µs' }
const one = { kind: 'publish', size: 100, connections: 1000 } as const
const work = 'publish of 100 B to 1,000 subscribers'

await compare(
  {
    name: 'publish',
    title: 'Publish of 100 B of text to 1,000 subscribers',
    notes: [
      '`ws` has no topics: its server sends the same to each client, in a loop.',
      'One at a time: the next message is published when all have the last one, so each delivery is a write of its own.',
      'Bursts: 16 messages come in one read and the next 16 when all have those; a server that gathers what it sends in a turn ' +
        'writes to each subscriber once for all of them. The goal is for one at a time, which gives nothing to gather.',
    ],
    contenders: [OURS, WS, UWS, BUN],
    figures: [cpu, { ...RATE, label: 'deliveries/s' }, SERVER_SHARE, LOAD_SHARE],
    cases: [
      { name: 'one at a time', measure: underLoad('publish', one) },
      { name: 'bursts of 16', measure: underLoad('publish', { ...one, inFlight: 16 }) },
    ],
    goals: [{ work: `${work}: CPU per delivery`, figure: cpu, against: WS.name, goal: 0.5, aim: 0.3 }],
  },
  startScript(),
)
