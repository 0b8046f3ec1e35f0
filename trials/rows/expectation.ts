// What a server must make of frames (RFC 6455 §5.4, §5.5, §8.1), in the plainest words: the vectors of @ws/frame stop where a
// decoder stops. No code under test has a say in it.

import { TextDecoder } from 'node:util'
import type { Vector } from '../../packages/frame/test/vectors.ts'
import type { Expectation } from './byte-row.ts'

type End = Pick<Expectation, 'by' | 'code' | 'reason'>

/** Messages, pongs, and how it ends; no `end` for a connection that stays open. */
export function expectServer({ frames, fault }: Vector['expect']): {
  readonly told: readonly string[]
  readonly pongs: readonly string[]
  readonly end: End | undefined
} {
  const told: string[] = []
  const pongs: string[] = []
  const ends = (end: End) => ({ told, pongs, end })
  let message:
    | { readonly isText: boolean; readonly pieces: Uint8Array[]; readonly decoder: TextDecoder }
    | undefined
  for (const { opcode, fin, payload, whole, close } of frames) {
    // All payloads of which only a part is sent are far larger than what a server takes.
    if (!whole) return ends(fails(1009, '§7.4.1'))
    // A Close that says nothing legal is the fault.
    if (opcode === 8) return ends(close ? { by: 'peer', ...close } : fails(fault!.closeCode, fault!.message))
    if (opcode === 9) pongs.push(Buffer.from(payload).toString())
    if (opcode > 2) continue
    if (opcode === 0 && message === undefined)
      return ends(fails(1002, 'continuation frame without a message in progress'))
    if (opcode !== 0 && message !== undefined)
      return ends(fails(1002, 'new message before the end of a fragmented message'))
    message ??= { isText: opcode === 1, pieces: [], decoder: new TextDecoder('utf-8', { fatal: true }) }
    message.pieces.push(payload)
    if (message.isText && !accepts(message.decoder, payload, fin)) return ends(fails(1007, '§8.1'))
    if (!fin) continue
    const bytes = Buffer.concat(message.pieces)
    told.push((message.isText ? `text: ${bytes.toString()}` : `binary: ${bytes.toString('hex')}`).trimEnd())
    message = undefined
  }
  return { told, pongs, end: fault && fails(fault.closeCode, fault.message) }
}

function fails(code: number, reason: string): End {
  return { by: 'local', code, reason }
}

function accepts(decoder: TextDecoder, payload: Uint8Array, last: boolean): boolean {
  try {
    decoder.decode(payload, { stream: !last })
    return true
  } catch {
    return false
  }
}
