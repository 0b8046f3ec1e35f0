// Echo of 20 bytes of text by a session, which reads in a loop, 16 messages in flight on each of 100
// connections.

import { compare, startScript } from './lib/compare.ts'
import { OURS, OURS_SESSION } from './lib/contenders.ts'
import { CPU, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

await compare(
  {
    name: 'session',
    title: 'Echo of 20 B of text by a session, 16 in flight on each of 100 connections',
    notes: ['The session reads with `for await`, the other server has a `message` handler.'],
    contenders: [OURS_SESSION, OURS],
    figures: [CPU, RATE, SERVER_SHARE, LOAD_SHARE],
    cases: [{ name: '16 in flight', measure: underLoad('echo', { kind: 'echo', size: 20, inFlight: 16 }) }],
    goals: [
      {
        work: 'a session, 16 in flight: CPU per message',
        figure: CPU,
        against: OURS.name,
        goal: 1.5,
        aim: 1.2,
      },
    ],
  },
  startScript(),
)
