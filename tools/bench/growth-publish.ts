// How the cost of a delivery grows with the subscribers: 10 to 10,000 of them.

import { affordConnections } from '@ws/testing/machine'
import { compare, startScript } from './lib/compare.ts'
import { BUN, OURS, UWS, WS } from './lib/contenders.ts'
import { CPU, type Figure, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { writePlot } from './lib/growth.ts'
import { underLoad } from './lib/measures.ts'

const cpu: Figure = { ...CPU, label: 'CPU/delivery, µs' }

const settings = startScript()
const sizes = new Set([10, 100, 1000, 10_000].map(affordConnections))

const results = await compare(
  {
    name: 'growth-publish',
    title: 'Publish of 100 B of text, one at a time, to more and more subscribers',
    rounds: 3,
    contenders: [OURS, WS, UWS, BUN],
    figures: [cpu, { ...RATE, label: 'deliveries/s' }, SERVER_SHARE, LOAD_SHARE],
    cases: [...sizes].map(connections => ({
      name: `${connections.toLocaleString('en-US')} subscribers`,
      at: connections,
      measure: underLoad('publish', { kind: 'publish', size: 100, connections }),
    })),
  },
  settings,
)

console.log(
  writePlot('growth-publish', results, cpu, {
    title: 'Publish of 100 B: CPU per delivery',
    x: 'subscribers',
  }),
)
