// Mutates inputs: changes, cuts, repeats and splices bytes. Independent of their format.

import { concat } from '@ws/testing'
import type { Chance } from './chance.ts'

/** Bytes at the edges of ranges of lengths, opcodes, characters and signs. */
const EDGES = [
  0x00, 0x01, 0x0a, 0x0d, 0x20, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x88, 0x89, 0xc0, 0xed, 0xf4, 0xfe, 0xff,
]
const LONGEST = 20_000

/** The input after one to four changes, some of which splice in `other` or one of `words`. */
export function mutate(
  chance: Chance,
  input: Uint8Array,
  other: Uint8Array,
  words: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  let changed = input.slice()
  for (let left = 1 + chance.int(4); left > 0; left--) changed = change(chance, changed, other, words)
  return changed.length > LONGEST ? changed.slice(0, LONGEST) : changed
}

function change(
  chance: Chance,
  input: Uint8Array<ArrayBuffer>,
  other: Uint8Array,
  words: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const at = chance.int(input.length + 1)
  const end = Math.min(input.length, at + 1 + chance.int(chance.oneIn(4) ? 200 : 8))
  switch (chance.int(9)) {
    case 0: // flip a bit
      return replaceByte(input, at, (input[at] ?? 0) ^ (1 << chance.int(8)))
    case 1:
      return replaceByte(input, at, chance.pick(EDGES))
    case 2: // one more, one less
      return replaceByte(input, at, (input[at] ?? 0) + (chance.oneIn(2) ? 1 : -1))
    case 3: // truncate
      return chance.oneIn(2) ? input.slice(0, at) : input.slice(at)
    case 4: // leave out
      return concat(input.subarray(0, at), input.subarray(end))
    case 5: // say again, sometimes very often
      return concat(
        input.subarray(0, at),
        ...repeated(input.subarray(at, end), chance.oneIn(20) ? 500 : 2),
        input.subarray(end),
      )
    case 6: // splice
      return concat(input.subarray(0, at), other.subarray(chance.int(other.length + 1)))
    case 7:
      return concat(input.subarray(0, at), chance.bytes(1 + chance.int(4)), input.subarray(at))
    default:
      return concat(
        input.subarray(0, at),
        words.length === 0 ? other : chance.pick(words),
        input.subarray(chance.oneIn(2) ? at : end),
      )
  }
}

function replaceByte(input: Uint8Array<ArrayBuffer>, at: number, byte: number): Uint8Array<ArrayBuffer> {
  if (at < input.length) input[at] = byte
  return input
}

function repeated(bytes: Uint8Array, times: number): Uint8Array[] {
  return Array.from({ length: times }, () => bytes)
}
