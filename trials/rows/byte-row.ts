// A row about bytes behind the handshake, and what a whole server or client must make of them.

import type { Limits, Role } from '@ws/protocol'
import { concat } from '@ws/testing'
import { close, wire } from '../../packages/protocol/test/end.ts'

/** What a server makes of a peer's bytes. */
export interface Expectation {
  /** Messages that the handler is told: `text: …`, `binary: …` in hexadecimal. */
  readonly told: readonly string[]
  /** The payloads of the pongs that come back, as text. */
  readonly pongs: readonly string[]
  /** The code of the Close that comes back; 1005: it has none. */
  readonly code: number
  /** Who ends the connection, in the server's report: the peer by its Close, or the server for a fault. */
  readonly by: 'peer' | 'local'
  /** What the reason has in it that comes back and is reported; the reason of the peer's Close, if that ends it. */
  readonly reason: string
}

/** A stream of frames, and its outcome. */
export interface ByteRow {
  /** Begins with the ids of its rows, if it has any. */
  readonly name: string
  readonly limits: Partial<Limits>
  /** The extension that the peer offers in its handshake, and that the server must accept; empty for none. */
  readonly offer: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly expected: Expectation
}

const byGoodbye = { code: 1000, by: 'peer', reason: 'that was all' } as const

/**
 * A row for an endpoint of this role. It ends by itself, or by a goodbye of the peer if it has no
 * end.
 */
export function createRow(
  role: Role,
  name: string,
  limits: Partial<Limits>,
  bytes: Uint8Array,
  told: readonly string[],
  pongs: readonly string[] = [],
  end?: Pick<Expectation, 'by' | 'code' | 'reason'>,
): ByteRow {
  const goodbye = wire(role, close(1000, 'that was all'))
  const whole = end === undefined ? concat(bytes, goodbye) : concat(bytes)
  return { name, limits, offer: '', bytes: whole, expected: { told, pongs, ...(end ?? byGoodbye) } }
}
