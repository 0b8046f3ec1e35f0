// The path that violates the protocol.

import { formatViolation, HANDSHAKE_VIOLATIONS } from '../handshake-violations.ts'
import { type BenchPath, definePath } from '../path.ts'
import { parameter } from '../query.ts'
import { readChoice } from '../values.ts'
import { VIOLATIONS } from '../violations.ts'
import { never } from './silence.ts'

const NAMES = [...Object.keys(VIOLATIONS), ...Object.keys(HANDSHAKE_VIOLATIONS)]

export const INVALID: BenchPath = definePath({
  route: '/invalid',
  usage: '/invalid',
  about:
    'Sends frames, or a handshake, that a server must not send, then echoes. The client must fail the connection.',
  parameters: {
    case: parameter('utf8', `one of ${NAMES.join(', ')}`, 'utf8', text => readChoice(text, NAMES)),
  },
  upgrade(visit) {
    const violation = HANDSHAKE_VIOLATIONS[visit.query.case]
    if (violation === undefined) return undefined
    const { rawHeaders } = visit.head
    const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && /^sec-websocket-key$/i.test(name))
    visit.transport.write(formatViolation(violation, rawHeaders[at + 1] ?? ''), 'latin1')
    return never(visit)
  },
  // Nothing else is in the output before the first message.
  open: ({ query, transport }) => transport.write(VIOLATIONS[query.case]!.bytes),
})
