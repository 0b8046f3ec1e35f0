// The log as JSON.

import { opcodeName } from '../decode/frame.ts'
import { hexOf, utf8 } from '../decode/words.ts'
import type { Entry } from './entry.ts'

/** All entries, bytes in hex as on the wire. */
export function exportLog(entries: readonly Entry[]): string {
  return `${JSON.stringify(entries.map(plain), undefined, 2)}\n`
}

function plain(entry: Entry): object {
  const { kind, connection, time } = entry
  const base = { kind, connection, time: Math.round(time * 1000) / 1000 }
  if (entry.kind === 'event') return { ...base, words: entry.words }
  if (entry.kind === 'message') {
    const { from, data } = entry
    return {
      ...base,
      from,
      data: typeof data === 'string' ? data : undefined,
      hex: hexOf(typeof data === 'string' ? utf8(data) : data),
    }
  }
  if (entry.kind === 'handshake') {
    const text = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes)
    const { requestBytes, responseBytes } = entry.handshake
    return { ...base, request: text(requestBytes), response: text(responseBytes) }
  }
  const { from, header, bytes, skipped, fault } = entry.frame
  const { maskingKey: _, ...fields } = header
  return {
    ...base,
    from,
    opcodeName: opcodeName(header.opcode),
    ...fields,
    fault: fault?.message,
    skipped,
    hex: hexOf(bytes),
  }
}
