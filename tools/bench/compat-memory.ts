// `@ws/compat` beside `ws` under the same program: what an idle connection adds to the memory of the server.

import { affordConnections } from '@ws/testing/machine'
import { compare, startScript } from './lib/compare.ts'
import { COMPAT, OURS, WS } from './lib/contenders.ts'
import { BYTES } from './lib/figures.ts'
import { idleMemory } from './lib/measures.ts'

const settings = startScript()
const connections = affordConnections(10_000)
const count = connections.toLocaleString('en-US')

await compare(
  {
    name: 'compat-memory',
    title: `\`@ws/compat\`: memory of an idle connection, of ${count}`,
    contenders: [COMPAT, WS, OURS],
    figures: [BYTES],
    cases: [{ name: `${count} idle`, measure: idleMemory(connections) }],
    goals: [
      {
        work: `\`@ws/compat\`, memory of an idle connection, of ${count}`,
        figure: BYTES,
        against: WS.name,
        goal: 1.1,
      },
    ],
  },
  settings,
)
