// Checks that the time a function takes grows in proportion to its input.

import { expect } from 'vitest'

/**
 * Characters of the longer input. The shorter one has several addresses of the greatest length, so
 * that the time of one does not count.
 */
const SIZE = 64_000

/** Milliseconds in which the longer input is read in any case: too short to compare. */
const SHORT = 4

/** Linear work takes 8 times as long, quadratic work 64 times. */
const TOLERATED = 24

/** Milliseconds of the processor over which a precise time is averaged: its clock is coarse. */
const AVERAGED = 40

/**
 * Fails when an input of 64,000 characters takes far more than eight times as long as one of 8,000.
 * `make` returns an input of about that many characters.
 */
export function expectLinear(work: (input: string) => unknown, make: (size: number) => string): void {
  const [small, large] = [make(SIZE / 8), make(SIZE)]
  // Other processes, compilation or the collection of garbage may make one of these too long.
  for (let round = 0; round < 3; round++) {
    const [short, long] = [timeOf(() => work(small)), timeOf(() => work(large))]
    if (long <= SHORT || long <= TOLERATED * short) return
  }
  const ratio = preciseTimeOf(() => work(large)) / preciseTimeOf(() => work(small))
  const input = JSON.stringify(large.slice(0, 20))
  expect(ratio, `how many times as long 8 times ${input} takes`).toBeLessThan(TOLERATED)
}

function timeOf(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

/** Milliseconds of the processor. */
function preciseTimeOf(work: () => void): number {
  const before = process.threadCpuUsage()
  for (let runs = 1; ; runs++) {
    work()
    const { user, system } = process.threadCpuUsage(before)
    const spent = (user + system) / 1000
    if (spent >= AVERAGED) return spent / runs
  }
}
