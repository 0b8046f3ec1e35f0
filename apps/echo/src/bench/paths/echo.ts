// The echo, and the echo after a slow handshake.

import { type BenchPath, definePath } from '../path.ts'
import { parameter } from '../query.ts'
import { readTime } from '../values.ts'

export const ROOT: BenchPath = definePath({
  route: '/',
  usage: '/',
  about: 'Sends every message back. Without parameters it has no limits but those of the server.',
  parameters: {},
})

export const SLOW_HANDSHAKE: BenchPath = definePath({
  route: '/slow-handshake',
  usage: '/slow-handshake',
  about: 'Answers the handshake late, then echoes.',
  parameters: {
    for: parameter('3s', 'the time until the 101', 3000, text => readTime(text)),
  },
  async upgrade(visit) {
    await visit.wait(visit.query.for)
    return undefined
  },
})
