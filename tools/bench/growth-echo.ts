// How the cost of a message grows with the connections: echo of 20 bytes on 10 to 5,000 of them.

import { affordConnections } from '@ws/testing/machine'
import { compare, startScript } from './lib/compare.ts'
import { BUN, NET, OURS, UWS, WS } from './lib/contenders.ts'
import { CPU, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { writePlot } from './lib/growth.ts'
import { underLoad } from './lib/measures.ts'

const x = 'connections'

const settings = startScript()
const sizes = new Set([10, 100, 1000, 5000].map(affordConnections))

const results = await compare(
  {
    name: 'growth-echo',
    title: 'Echo of 20 B of text, 1 in flight on each of more and more connections',
    rounds: 3,
    contenders: [OURS, WS, UWS, BUN, NET],
    figures: [CPU, RATE, SERVER_SHARE, LOAD_SHARE],
    cases: [...sizes].map(connections => ({
      name: `${connections.toLocaleString('en-US')} connections`,
      at: connections,
      measure: underLoad('echo', { kind: 'echo', size: 20, connections }),
    })),
  },
  settings,
)

console.log(writePlot('growth-cpu', results, CPU, { title: 'Echo of 20 B: CPU per message', x }))
console.log(writePlot('growth-rate', results, RATE, { title: 'Echo of 20 B: messages per second', x }))
