// The rows about bytes behind the handshake: the vectors of @ws/frame and @ws/protocol for a server, each with what a whole server
// must make of it. Knows nothing of sockets.

import type { Limits } from '@ws/protocol'
import { concat } from '@ws/testing'
import { type Vector as FrameVector, vectors as frameVectors } from '../../packages/frame/test/vectors.ts'
import { close, more, text, wire } from '../../packages/protocol/test/end.ts'
import {
  type Vector as ProtocolVector,
  vectors as protocolVectors,
} from '../../packages/protocol/test/vectors.ts'
import { expectServer } from './expectation.ts'

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
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly expected: Expectation
}

/** What ends a stream that says nothing of its end, so that everybody knows when it is over. */
const goodbye = wire('server', close(1000, 'that was all'))
const byGoodbye = { code: 1000, by: 'peer', reason: 'that was all' } as const

/** All of them: those of frames first. Extensions are left out, for the server has none. */
export const byteRows: readonly ByteRow[] = [
  ...frameVectors
    .filter(({ role, reservedBits }) => role === 'server' && reservedBits === 0)
    .map(fromFrameVector),
  ...protocolVectors.filter(({ role }) => role === 'server').map(fromProtocolVector),
  createRow('G6: a message of 65,536 fragments', {}, fragments(65_536, 'x', true), [
    `text: ${'x'.repeat(65_536)}`,
  ]),
  createRow('G6: 131,073 fragments of one byte', {}, fragments(131_073, 'x', false), [], [], {
    by: 'local',
    code: 1008,
    reason: 'more than 131072 fragments',
  }),
  createRow('G7: 131,073 empty fragments', {}, fragments(131_073, '', false), [], [], {
    by: 'local',
    code: 1008,
    reason: 'more than 131072 fragments',
  }),
]

/** A message in so many equal fragments, its last one among them or not. */
function fragments(count: number, payload: string, ended: boolean): Uint8Array<ArrayBuffer> {
  const part = wire('server', more(payload, { fin: false }))
  const bytes = new Uint8Array(count * part.length)
  for (let i = 0; i < count; i++) bytes.set(part, i * part.length)
  bytes.set(wire('server', text(payload, { fin: false })))
  if (ended) bytes.set(wire('server', more(payload)), bytes.length - part.length)
  return bytes
}

function fromFrameVector({ name, bytes, expect }: FrameVector): ByteRow {
  const { told, pongs, end } = expectServer(expect)
  return createRow(name, {}, bytes, told, pongs, end)
}

function fromProtocolVector({ name, limits, bytes, events, written }: ProtocolVector): ByteRow {
  const [, by, code, reason] = /^closed \w+ by (peer|local): (\d+) ?(.*)$/s.exec(events.at(-1) ?? '') ?? []
  const end =
    by === undefined ? undefined : { by: by as Expectation['by'], code: Number(code), reason: reason! }
  const told = events.filter(event => /^(text|binary):/.test(event))
  const pongs = written.filter(frame => frame.startsWith('pong:')).map(frame => frame.slice(6))
  return createRow(name, limits, bytes, told, pongs, end)
}

function createRow(
  name: string,
  limits: Partial<Limits>,
  bytes: Uint8Array,
  told: readonly string[],
  pongs: readonly string[] = [],
  end?: Pick<Expectation, 'by' | 'code' | 'reason'>,
): ByteRow {
  const whole = concat(bytes, end === undefined ? goodbye : concat())
  return { name, limits, bytes: whole, expected: { told, pongs, ...(end ?? byGoodbye) } }
}
