// What is drawn by lot, from a seed that replays it. Knows nothing of what is drawn for.

import { randomBytes, randomFrom } from '@ws/testing'

/** Draws, the same ones for the same seed. */
export class Chance {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = randomFrom(seed)
  }

  /** A whole number from 0 to `below − 1`. */
  int(below: number): number {
    return Math.floor(this.#random() * below)
  }

  /** True about once in so many times. */
  oneIn(times: number): boolean {
    return this.int(times) === 0
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)]!
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return randomBytes(this.#random, length)
  }

  /** So many draws of one kind, from none to `most`. */
  several<T>(most: number, draw: () => T): T[] {
    return Array.from({ length: this.int(most + 1) }, draw)
  }

  /** A seed for draws of their own. */
  seed(): number {
    return this.int(2 ** 32)
  }
}

/** A seed that follows from these bytes: what is drawn with it belongs to them (FNV-1a). */
export function seedOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** The bytes in segments cut by lot, each a copy of its own; `longest` bytes at most in one. */
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
