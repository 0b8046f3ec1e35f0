// Whether the load generator is what is measured: how many messages it can drive, shown on a server that does next to nothing, and how
// full its core is when the others' is.

import { compare, startScript } from './lib/compare.ts'
import { BUN, NET, OURS, UWS, WS } from './lib/contenders.ts'
import { type Figure, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'
import { formatNumber, formatRatio } from './lib/number.ts'

const LOAD_CPU: Figure = { key: 'loadCpu', label: 'CPU of the load/message, µs' }

const { cases } = await compare(
  {
    name: 'load-generator',
    title: 'What the load generator can drive: echo of 20 B of text on 100 connections',
    notes: [
      'Bare `node:net` sends every chunk back as it is. The load parses nothing but lengths, so the more messages share a read, the ' +
        'further it is ahead of any server that parses. It is the limit where its own core is full and the server’s is not.',
      'With 1 in flight both sides make one read and one write for each message, and the load is no cheaper than a bare socket of ' +
        'Node: there the rate says little about a fast server, and what is quoted is the server’s CPU time per message.',
    ],
    contenders: [OURS, NET, WS, UWS, BUN],
    figures: [RATE, SERVER_SHARE, LOAD_SHARE, LOAD_CPU],
    cases: [1, 16, 64].map(inFlight => ({
      name: `${inFlight} in flight`,
      measure: underLoad('echo', { kind: 'echo', size: 20, inFlight }),
    })),
  },
  startScript(),
)

console.log()
for (const { name, contenders } of cases) {
  const most = contenders.toSorted((a, b) => b.medians.rate! - a.medians.rate!)[0]!
  const ours = contenders[0]!
  console.log(
    `${name}: it has driven ${formatNumber(most.medians.rate!)} messages/s (${most.name}), ` +
      `${formatRatio(most.medians.rate! / ours.medians.rate!)} ours, and with ours its core was full to ${formatNumber(ours.medians.load!)} %`,
  )
}
