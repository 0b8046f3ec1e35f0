// Compares an echo with what was sent.

import { countInWords } from '../decode/words.ts'
import type { Data } from './messages.ts'

/** How an echo differs from what was sent, in words; empty if it does not. */
export function difference(sent: Data, received: Data): string {
  if (sent === received) return ''
  if (typeof sent !== typeof received) return `${kindOf(sent)} was sent, ${kindOf(received)} came back`
  const shorter = Math.min(sent.length, received.length)
  let same = 0
  while (same < shorter && sent[same] === received[same]) same++
  if (same === sent.length && same === received.length) return ''
  const unit = typeof sent === 'string' ? 'character' : 'byte'
  const first = `the first difference is at ${unit} ${countInWords(same + 1)}`
  if (sent.length === received.length) return first
  return `${countInWords(sent.length)} ${unit}s were sent, ${countInWords(received.length)} came back; ${first}`
}

function kindOf(data: Data): string {
  return typeof data === 'string' ? 'text' : 'binary'
}
