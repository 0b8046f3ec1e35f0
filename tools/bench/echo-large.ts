// Echo of 1 MiB and of 16 MiB, one message in flight on each of 4 connections: messages that come in many reads.

import { type Case, compare, startScript } from './lib/compare.ts'
import { BUN, OURS, UWS, WS } from './lib/contenders.ts'
import { CPU, LOAD_SHARE, MEGABYTES, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

const sizes = [1, 16]

const cases: Case[] = sizes.map(mebibytes => ({
  name: `${mebibytes} MiB`,
  measure: underLoad('echo', { kind: 'echo', type: 'binary', size: mebibytes * 2 ** 20, connections: 4 }),
}))

await compare(
  {
    name: 'echo-large',
    title: 'Echo of large binary messages, 1 in flight on each of 4 connections',
    contenders: [OURS, WS, UWS, BUN],
    figures: [MEGABYTES, CPU, SERVER_SHARE, LOAD_SHARE],
    cases,
    goals: cases.map(({ name }) => ({
      work: `echo of ${name} of binary, 4 connections: MB/s`,
      case: name,
      figure: MEGABYTES,
      against: WS.name,
      goal: 1.3,
      aim: 2,
    })),
  },
  startScript(),
)
