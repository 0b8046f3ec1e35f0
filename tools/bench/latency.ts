// How long a reply takes at the same load for all: half of what ws can do at most, in an open loop.

import { compare, startScript } from './lib/compare.ts'
import { BUN, NET, OURS, UWS, WS } from './lib/contenders.ts'
import { type Figure, LOAD_SHARE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'
import { formatNumber } from './lib/number.ts'

const P50: Figure = { key: 'p50', label: 'p50, ms', better: 'less' }
const P99: Figure = { key: 'p99', label: 'p99, ms', better: 'less' }
const others: Figure[] = [
  { key: 'p90', label: 'p90, ms' },
  { key: 'p999', label: 'p99.9, ms' },
  { key: 'max', label: 'max, ms' },
]

const settings = startScript()
const echo = { size: 20, inFlight: 1 }
console.log('the highest rate of ws, with 1 message in flight on each of 100 connections:')
const highest = (await underLoad('echo', { kind: 'echo', ...echo })(WS, settings)).rate!
const rate = Math.round(highest / 2)
console.log(`${formatNumber(highest)} messages/s; half of it is offered to each`)

await compare(
  {
    name: 'latency',
    title: `Latency of an echo of 20 B of text on 100 connections at ${formatNumber(rate)} messages/s`,
    notes: [
      `Messages are due at that rate, whatever the server does, and what is late counts from when it was due. It is half of the ` +
        `${formatNumber(highest)} messages/s that \`ws\` reached with 1 in flight on each connection.`,
      'The load polls and never sleeps, so its core is always full. Its own pauses, as for collecting garbage, are in everybody’s ' +
        'figures, the last ones most.',
    ],
    contenders: [OURS, NET, WS, UWS, BUN],
    figures: [P50, P99, ...others, SERVER_SHARE, LOAD_SHARE],
    cases: [{ name: 'half load', measure: underLoad('echo', { kind: 'rate', rate, ...echo }) }],
    goals: [
      { work: 'latency at half load: median', figure: P50, against: WS.name, goal: 1 },
      { work: 'latency at half load: 99th percentile', figure: P99, against: WS.name, goal: 1 },
    ],
  },
  settings,
)
