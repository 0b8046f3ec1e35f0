// Splits a byte stream in different ways, none of which may change its meaning.

import { randomFrom } from './random.ts'

export interface Segmentation {
  readonly name: string
  readonly segments: readonly Uint8Array<ArrayBuffer>[]
}

/**
 * The whole stream, single bytes, and random segments for each seed. Segments are copies, so a
 * reader may unmask them in place.
 */
export function segmentations(stream: Uint8Array, seeds: readonly number[] = [1, 2, 3]): Segmentation[] {
  const whole = { name: 'whole', segments: [stream.slice()] }
  const single = { name: 'byte by byte', segments: Array.from(stream, byte => Uint8Array.of(byte)) }
  const random = seeds.map(seed => ({
    name: `cut at random (seed ${seed})`,
    segments: cutAtRandom(stream, seed),
  }))
  return [whole, single, ...random]
}

function cutAtRandom(stream: Uint8Array, seed: number): Uint8Array<ArrayBuffer>[] {
  const random = randomFrom(seed)
  const longest = 1 + Math.floor(random() * 16)
  const segments: Uint8Array<ArrayBuffer>[] = []
  for (let start = 0; start < stream.length; ) {
    const end = Math.min(stream.length, start + 1 + Math.floor(random() * longest))
    segments.push(stream.slice(start, end))
    start = end
  }
  return segments
}
