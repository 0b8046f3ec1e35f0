// How the memory of an idle connection grows with their number: 1,000 to 15,000 of them.

import { affordConnections } from '@ws/testing/machine'
import { compare, startScript } from './lib/compare.ts'
import { BUN, NET, OURS, UWS, WS } from './lib/contenders.ts'
import { BYTES } from './lib/figures.ts'
import { writePlot } from './lib/growth.ts'
import { idleMemory } from './lib/measures.ts'

const settings = startScript()
const sizes = new Set([1000, 5000, 10_000, 15_000].map(affordConnections))

const results = await compare(
  {
    name: 'growth-memory',
    title: 'Memory of an idle connection, of more and more',
    rounds: 3,
    contenders: [OURS, WS, UWS, BUN, NET],
    figures: [BYTES],
    cases: [...sizes].map(connections => ({
      name: `${connections.toLocaleString('en-US')} connections`,
      at: connections,
      measure: idleMemory(connections),
    })),
  },
  settings,
)

console.log(
  writePlot('growth-memory', results, BYTES, { title: 'Memory of an idle connection', x: 'connections' }),
)
