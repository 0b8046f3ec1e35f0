// Checks that the time a function takes grows in proportion to its input.

import { expect } from 'vitest'

/** Characters of the longer input: more than the chat takes of any text, and what fits into a request head. */
const SIZE = 16_000

/** Milliseconds in which the longer input is read in any case: too short to compare. */
const SHORT = 2

/** Linear work takes 8 times as long, quadratic work 64 times. */
const TOLERATED = 24

/**
 * Fails when an input of 16,000 characters takes far more than eight times as long as one of 2,000. `make` returns an input of
 * about that many characters.
 */
export function expectLinear(work: (input: string) => unknown, make: (size: number) => string): void {
  const [small, large] = [make(SIZE / 8), make(SIZE)]
  let [short, long] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  // A busy machine makes either take longer: another round is only needed when it seems to be too long.
  for (let round = 0; round < 8; round++) {
    short = Math.min(
      short,
      timeOf(() => work(small)),
    )
    long = Math.min(
      long,
      timeOf(() => work(large)),
    )
    if (long <= SHORT || long <= TOLERATED * short) return
  }
  const input = JSON.stringify(large.slice(0, 20))
  expect.fail(`8 times ${input}… takes ${Math.round(long / short)} times as long: ${long.toFixed(1)} ms`)
}

function timeOf(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}
