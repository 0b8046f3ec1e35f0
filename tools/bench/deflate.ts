// JSON that is compressed both ways: echoed, and published to 1,000.

import { compare, startScript } from './lib/compare.ts'
import {
  BUN_DEFLATE,
  type Contender,
  OURS_DEFLATE,
  OURS_TAKEOVER,
  WS_DEFLATE,
  WS_NO_TAKEOVER,
} from './lib/contenders.ts'
import { CPU, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

const settings = startScript()
const contenders: readonly Contender[] = [
  OURS_DEFLATE,
  OURS_TAKEOVER,
  WS_DEFLATE,
  WS_NO_TAKEOVER,
  BUN_DEFLATE,
]
const echo = { kind: 'compressed-echo', inFlight: 4 } as const

await compare(
  {
    name: 'deflate',
    title: 'Compressed JSON: echo on 100 connections, 4 in flight, and publish to 1,000',
    notes: [
      'The messages of the clients refer to no earlier message, so that they are the same for servers with and without context takeover.',
      '`ws` has no topics: its server compresses for each client anew.',
      'CPU is of all threads of the server, the thread pool included.',
    ],
    contenders,
    figures: [CPU, RATE, SERVER_SHARE, LOAD_SHARE],
    cases: [
      { name: 'echo of 1 KiB', measure: underLoad('echo', { ...echo, size: 1024 }) },
      { name: 'echo of 64 KiB', measure: underLoad('echo', { ...echo, size: 65_536 }) },
      {
        name: 'publish of 1 KiB',
        measure: underLoad('publish', { kind: 'compressed-publish', size: 1024, connections: 1000 }),
      },
    ],
    goals: [
      {
        work: 'echo of 1 KiB of JSON, compressed: throughput',
        case: 'echo of 1 KiB',
        figure: RATE,
        against: WS_NO_TAKEOVER.name,
        goal: 2,
        aim: 3,
      },
      {
        work: 'publish of 1 KiB of JSON to 1,000, compressed: CPU per delivery',
        case: 'publish of 1 KiB',
        figure: CPU,
        against: WS_NO_TAKEOVER.name,
        goal: 0.2,
        aim: 0.1,
      },
    ],
  },
  settings,
)
