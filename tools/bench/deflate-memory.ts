// What connections cost that have agreed on compression and are silent.

import { affordConnections } from '@ws/testing/machine'
import { compare, startScript } from './lib/compare.ts'
import { OURS, OURS_DEFLATE, WS_DEFLATE } from './lib/contenders.ts'
import { BYTES } from './lib/figures.ts'
import { idleMemory } from './lib/measures.ts'

const settings = startScript()
const connections = affordConnections(10_000)

await compare(
  {
    name: 'deflate-memory',
    title: `Memory of an idle connection that may compress, of ${connections.toLocaleString('en-US')}`,
    contenders: [OURS_DEFLATE, { ...OURS, name: 'uncompressed' }, WS_DEFLATE],
    figures: [BYTES],
    cases: [{ name: 'idle', measure: idleMemory(connections, true) }],
    goals: [
      {
        work: 'memory of an idle connection that may compress',
        figure: BYTES,
        against: 'uncompressed',
        goal: 1.1,
        aim: 1.05,
      },
    ],
  },
  settings,
)
