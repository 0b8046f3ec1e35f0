// The rows about bytes behind the handshake: the vectors of @ws/frame and @ws/protocol for a server, and compressed messages, each with
// what a whole server must make of it. Knows nothing of sockets.

import { type Vector as FrameVector, vectors as frameVectors } from '../../packages/frame/test/vectors.ts'
import { more, text, wire } from '../../packages/protocol/test/end.ts'
import {
  type Vector as ProtocolVector,
  vectors as protocolVectors,
} from '../../packages/protocol/test/vectors.ts'
import { type ByteRow, createRow, type Expectation } from './byte-row.ts'
import { compressedRows } from './compressed.ts'
import { expectServer } from './expectation.ts'

/** All of them: those of frames first. Vectors with an extension are left out: what we have of those is compression, whose rows are its own. */
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
  ...compressedRows,
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
