// What each of 10,000 connections that are open and silent adds to the memory of the server.

import { affordConnections } from '@ws/testing/machine'
import { compare, startScript } from './lib/compare.ts'
import { BUN, NET, OURS, UWS, WS } from './lib/contenders.ts'
import { BYTES } from './lib/figures.ts'
import { idleMemory } from './lib/measures.ts'

const settings = startScript()
const connections = affordConnections(10_000)
const count = connections.toLocaleString('en-US')

await compare(
  {
    name: 'idle-memory',
    title: `Memory of an idle connection, of ${count}`,
    notes: [
      'Resident memory of a fresh server with the connections less that without, divided by them, after garbage has been collected. ' +
        'What the kernel keeps for a socket is not in it.',
    ],
    contenders: [OURS, NET, WS, UWS, BUN],
    figures: [BYTES],
    cases: [{ name: `${count} idle`, measure: idleMemory(connections) }],
    goals: [
      {
        work: `memory of an idle connection, of ${count}`,
        figure: BYTES,
        against: WS.name,
        goal: 0.8,
        aim: 0.6,
      },
    ],
  },
  settings,
)
