// A stream of bytes means the same however the network cuts it. Every vector is run through all these cuts.

import { randomFrom } from './random.ts'

/** One way to cut a stream: its name for the test report (with the seed, where there is one) and the segments. */
export interface Segmentation {
  readonly name: string
  readonly segments: readonly Uint8Array<ArrayBuffer>[]
}

/**
 * The stream whole, byte by byte, and cut at random by several seeds. Each segment is a copy of its own, so a reader that
 * writes into what it was given (unmasking in place) spoils nothing.
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
