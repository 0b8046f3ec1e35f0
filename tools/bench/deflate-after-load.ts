// What is left of the memory that compression took, once everybody is silent again.

import { affordConnections } from '@ws/testing/machine'
import { compare, startScript } from './lib/compare.ts'
import { OURS_DEFLATE, OURS_TAKEOVER, WS_DEFLATE, WS_NO_TAKEOVER } from './lib/contenders.ts'
import { GROWTH, MEBIBYTES } from './lib/figures.ts'
import { memoryAfterLoad } from './lib/measures.ts'

const settings = startScript()
const connections = affordConnections(10_000)

await compare(
  {
    name: 'deflate-after-load',
    title: `Memory of a server once ${connections.toLocaleString('en-US')} connections have had 100 compressed messages of 1 KiB echoed each`,
    notes: ['All connections are open before and after; garbage has been collected both times.'],
    contenders: [OURS_DEFLATE, OURS_TAKEOVER, WS_DEFLATE, WS_NO_TAKEOVER],
    rounds: 1,
    figures: [MEBIBYTES, GROWTH],
    cases: [
      { name: 'after the load', measure: memoryAfterLoad(connections, settings.quick ? 10 : 100, 1024) },
    ],
  },
  settings,
)
