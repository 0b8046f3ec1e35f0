// Random choices that a seed repeats.

import { randomBytes, randomFrom } from '@ws/testing'

/** A source of random choices, which depend on the seed only. */
export class Chance {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = randomFrom(seed)
  }

  /** A whole number from 0 to `below − 1`. */
  int(below: number): number {
    return Math.floor(this.#random() * below)
  }

  /** True in about one of this many calls. */
  oneIn(times: number): boolean {
    return this.int(times) === 0
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)]!
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return randomBytes(this.#random, length)
  }

  /** From 0 to `most` results of `draw`. */
  several<T>(most: number, draw: () => T): T[] {
    return Array.from({ length: this.int(most + 1) }, draw)
  }

  /** A seed for another `Chance`. */
  seed(): number {
    return this.int(2 ** 32)
  }
}

/** A seed that is derived from these bytes (FNV-1a). */
export function seedOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** Copies of the bytes in random segments of at most `longest` bytes. */
export function cut(
  chance: Chance,
  bytes: Uint8Array,
  longest: number = 1 + chance.int(24),
): Uint8Array<ArrayBuffer>[] {
  const segments: Uint8Array<ArrayBuffer>[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + chance.int(longest))
    segments.push(bytes.slice(at, end))
    at = end
  }
  return segments
}
