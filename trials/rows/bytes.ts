// The rows about bytes behind the handshake: the vectors of @ws/frame and @ws/protocol, and compressed messages, each with what a whole
// server or client must make of it. Knows nothing of sockets.

import type { Role } from '@ws/protocol'
import { type Vector as FrameVector, vectors as frameVectors } from '../../packages/frame/test/vectors.ts'
import { more, text, wire } from '../../packages/protocol/test/end.ts'
import {
  type Vector as ProtocolVector,
  vectors as protocolVectors,
} from '../../packages/protocol/test/vectors.ts'
import { type ByteRow, createRow, type Expectation } from './byte-row.ts'
import { compressedRows } from './compressed.ts'
import { expectServer } from './expectation.ts'

const TOO_MANY = { by: 'local', code: 1008, reason: 'more than 131072 fragments' } as const

/** All rows for a server: those of frames first. */
export const byteRows: readonly ByteRow[] = [...rowsFor('server'), ...compressedRows]

/** All rows for a client but those of compression. */
export const clientRows: readonly ByteRow[] = rowsFor('client')

/** Vectors with an extension are left out: the extension that we have is compression, whose rows are its own. */
function rowsFor(role: Role): readonly ByteRow[] {
  return [
    ...frameVectors
      .filter(vector => vector.role === role && vector.reservedBits === 0)
      .map(vector => fromFrameVector(vector)),
    ...protocolVectors.filter(vector => vector.role === role).map(vector => fromProtocolVector(vector)),
    createRow(
      role,
      'G6: a message of 65,536 fragments',
      {},
      fragments(role, { count: 65_536, payload: 'x', ended: true }),
      [`text: ${'x'.repeat(65_536)}`],
    ),
    createRow(
      role,
      'G6: 131,073 fragments of one byte',
      {},
      fragments(role, { count: 131_073, payload: 'x', ended: false }),
      [],
      [],
      TOO_MANY,
    ),
    createRow(
      role,
      'G7: 131,073 empty fragments',
      {},
      fragments(role, { count: 131_073, payload: '', ended: false }),
      [],
      [],
      TOO_MANY,
    ),
  ]
}

/** A message in so many equal fragments, its last one among them or not. */
function fragments(
  role: Role,
  { count, payload, ended }: { readonly count: number; readonly payload: string; readonly ended: boolean },
): Uint8Array<ArrayBuffer> {
  const part = wire(role, more(payload, { fin: false }))
  const bytes = new Uint8Array(count * part.length)
  for (let i = 0; i < count; i++) bytes.set(part, i * part.length)
  bytes.set(wire(role, text(payload, { fin: false })))
  if (ended) bytes.set(wire(role, more(payload)), bytes.length - part.length)
  return bytes
}

function fromFrameVector({ role, name, bytes, expect }: FrameVector): ByteRow {
  const { told, pongs, end } = expectServer(expect)
  return createRow(role, name, {}, bytes, told, pongs, end)
}

function fromProtocolVector({ role, name, limits, bytes, events, written }: ProtocolVector): ByteRow {
  const [, by, code, reason] = /^closed \w+ by (peer|local): (\d+) ?(.*)$/s.exec(events.at(-1) ?? '') ?? []
  const end =
    by === undefined ? undefined : { by: by as Expectation['by'], code: Number(code), reason: reason! }
  const told = events.filter(event => /^(text|binary):/.test(event))
  const pongs = written.filter(frame => frame.startsWith('pong:')).map(frame => frame.slice(6))
  return createRow(role, name, limits, bytes, told, pongs, end)
}
