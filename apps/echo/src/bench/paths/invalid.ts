// The path that violates the protocol.

import { type BenchPath, definePath } from '../path.ts'
import { parameter } from '../query.ts'
import { readChoice } from '../values.ts'
import { VIOLATIONS } from '../violations.ts'

const NAMES = Object.keys(VIOLATIONS)

export const INVALID: BenchPath = definePath({
  route: '/invalid',
  usage: '/invalid',
  about: 'Sends frames that a server must not send, then echoes. The client must fail the connection.',
  parameters: {
    case: parameter('utf8', `one of ${NAMES.join(', ')}`, 'utf8', text => readChoice(text, NAMES)),
  },
  // Nothing else is in the output before the first message.
  open: ({ query, transport }) => transport.write(VIOLATIONS[query.case]!.bytes),
})
