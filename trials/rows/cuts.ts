// How a row is cut into writes: as one, byte by byte if it is short, and at random by a seed that is told.

import { randomFrom } from '@ws/testing'

/** Longer rows are not sent byte by byte. */
const SHORT = 256

/** A row's bytes in the order they are written, a write each. */
export interface Cut {
  readonly name: string
  readonly segments: readonly Uint8Array[]
}

/** The seed of all random cuts of this run: `SEED=… vitest run …` runs them again. */
export const seed: number = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))

/** All cuts of a row. */
export function cutsOf(bytes: Uint8Array): Cut[] {
  const cuts: Cut[] = [
    { name: 'in one write', segments: [bytes] },
    { name: `cut at random (SEED=${seed})`, segments: cutAtRandom(bytes) },
  ]
  if (bytes.length <= SHORT)
    cuts.push({ name: 'byte by byte', segments: Array.from(bytes, byte => Uint8Array.of(byte)) })
  return cuts
}

/** Some twenty pieces, or single bytes of what is short. */
function cutAtRandom(bytes: Uint8Array): Uint8Array[] {
  const random = randomFrom(seed)
  const longest = Math.max(3, bytes.length / 10)
  const segments: Uint8Array[] = []
  for (let start = 0; start < bytes.length; ) {
    const end = Math.min(bytes.length, start + 1 + Math.floor(random() * longest))
    segments.push(bytes.subarray(start, end))
    start = end
  }
  return segments
}
