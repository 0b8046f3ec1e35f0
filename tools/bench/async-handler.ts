// Echo of 20 bytes of text by a handler that waits for a promise first, 16 messages in flight on each of 100 connections.

import { compare, startScript } from './lib/compare.ts'
import { BUN, OURS, UWS, WS } from './lib/contenders.ts'
import { CPU, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

await compare(
  {
    name: 'async-handler',
    title: 'Echo of 20 B of text by an async handler, 16 in flight on each of 100 connections',
    notes: [
      'Ours handles the messages of a connection one after another, and holds its peer back while a handler is at work; the others ' +
        'start a handler for each message at once and wait for none.',
    ],
    contenders: [OURS, WS, UWS, BUN],
    figures: [RATE, CPU, SERVER_SHARE, LOAD_SHARE],
    cases: [
      { name: '16 in flight', measure: underLoad('echo-async', { kind: 'echo', size: 20, inFlight: 16 }) },
    ],
    goals: [
      {
        work: 'an async handler for each message, 16 in flight: messages per second',
        figure: RATE,
        against: WS.name,
        goal: 2,
        aim: 5,
      },
    ],
  },
  startScript(),
)
