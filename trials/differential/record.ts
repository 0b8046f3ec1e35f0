// What an implementation made of a stream, in words that all of them have: what it told, what it wrote, how it ended.

import { concat } from '@ws/testing'
import { type Reader, readClose, readFrames, toHex } from '../../tools/fuzz/reading.ts'

/** One implementation and one stream. */
export interface Record {
  /** `text: …` and `binary: …`, the bytes in hexadecimal digits. */
  readonly messages: readonly string[]
  /** Payloads of the pongs it wrote. */
  readonly pongs: readonly string[]
  /** The code in the Close it wrote: 1005 for an empty one; undefined if there was none. */
  readonly sent: number | undefined
  /** It says that the closing handshake took place. */
  readonly wasClean: boolean
}

/** Makes a record of what was told, and of the bytes that were written by an implementation of that role. */
export function recordOf(
  role: Reader,
  messages: readonly string[],
  wasClean: boolean,
  written: readonly Uint8Array[],
): Record {
  const { frames } = readFrames(role === 'server' ? 'client' : 'server', concat(...written))
  const close = frames.find(({ opcode }) => opcode === 8)
  return {
    messages,
    pongs: frames.filter(({ opcode }) => opcode === 10).map(({ payload }) => toHex(payload)),
    sent: close && readClose(close.payload).code,
    wasClean,
  }
}

/** A message as records have it. */
export function nameMessage(data: string | Uint8Array): string {
  return typeof data === 'string' ? `text: ${toHex(Buffer.from(data))}` : `binary: ${toHex(data)}`
}
