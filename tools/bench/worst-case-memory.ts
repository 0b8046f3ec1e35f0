// What a peer can make the server hold within the default limits: the worst case that
// `maxTotalBuffered` bounds for all peers together.

import { compare, startScript } from './lib/compare.ts'
import { OURS, OURS_DEFLATE } from './lib/contenders.ts'
import { BYTES } from './lib/figures.ts'
import { heldMemory } from './lib/measures.ts'

const settings = startScript()
/** Together below a quarter of 2 GiB, so that the budget closes none of them. */
const CONNECTIONS = 25

await compare(
  {
    name: 'worst-case-memory',
    title: `Memory that one peer holds under the default limits, of ${CONNECTIONS}`,
    notes: [
      'Resident memory of a fresh server with the connections less that without, divided by them, after garbage has been collected. ' +
        'Unread output is up to `maxBufferedAmount`, 16 MiB; what the kernel takes of it is not in the figure.',
    ],
    contenders: [OURS, OURS_DEFLATE],
    figures: [BYTES],
    cases: [
      { name: 'output not read', contenders: [OURS], measure: heldMemory(CONNECTIONS, 'unread') },
      { name: '65,000 fragments of 16 B', contenders: [OURS], measure: heldMemory(CONNECTIONS, 'fragments') },
      {
        name: 'a compressed message of 1 MB',
        contenders: [OURS_DEFLATE],
        measure: heldMemory(CONNECTIONS, 'bomb'),
      },
    ],
  },
  settings,
)
