// The loop of the fuzzer: generates or mutates an input, runs it, and keeps it if it reached new code. An
// input with an undocumented outcome is shrunk and reported.

import { performance } from 'node:perf_hooks'
import { concat } from '@ws/testing'
import { Chance } from './chance.ts'
import type { Coverage } from './coverage.ts'
import { mutate } from './mutate.ts'
import { type Target, Undocumented } from './target.ts'

/** The budget, the seed and the coverage of a run. */
export interface FuzzOptions {
  readonly seed: number
  /** Runs at most. */
  readonly runs?: number
  /** Milliseconds at most. */
  readonly time?: number
  /** Inputs that reach new blocks are kept; without it, those with a new outcome. */
  readonly coverage?: Coverage
  /** Inputs to mutate; those that reach new code are added. */
  readonly corpus?: Uint8Array[]
}

/** An input with an undocumented outcome. */
interface Find {
  readonly input: Uint8Array
  readonly error: unknown
}

/** The results of all runs. */
export interface FuzzResult {
  readonly runs: number
  readonly milliseconds: number
  readonly outcomes: ReadonlyMap<string, number>
  /** Blocks of the target's files, each with the power of two of its count; 0 without coverage. */
  readonly blocks: number
  readonly find: Find | undefined
}

/** Milliseconds of CPU time for one run, of an input of at most 20,000 bytes. */
const LONGEST_RUN = 400
const LARGEST_CORPUS = 400
/** With coverage, one in about this many inputs is extended, and its work is measured. */
const PUMP_ONE_IN = 4
/** Its length then, and the limit of block runs for each byte. The highest measured is 50. */
const PUMPED = 4000
const BLOCKS_PER_BYTE = 150

/** Fuzzes one target until the budget is spent or an input fails. */
export async function fuzz(target: Target, options: FuzzOptions): Promise<FuzzResult> {
  const {
    seed,
    runs: most = Number.POSITIVE_INFINITY,
    time = Number.POSITIVE_INFINITY,
    coverage,
    corpus = [],
  } = options
  const chance = new Chance(seed)
  const outcomes = new Map<string, number>()
  const seen = new Set<string>()
  const started = performance.now()
  let runs = 0
  let find: Find | undefined
  coverage?.take(target.files)
  while (find === undefined && runs < most && (runs % 16 > 0 || performance.now() - started < time)) {
    const input = draw(chance, target, corpus)
    runs++
    try {
      const outcome = await runTimed(target, input)
      const isNew = !outcomes.has(outcome)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      const reached = coverage === undefined ? isNew : addAll(seen, coverage.take(target.files).blocks)
      if (reached && input.length > 0) keep(chance, corpus, input)
      if (coverage && chance.oneIn(PUMP_ONE_IN)) await checkWork(chance, target, coverage, input)
    } catch (error) {
      const smallest = error instanceof Laborious ? error.input : await shrink(target, input)
      find = { input: smallest, error }
    }
  }
  return { runs, milliseconds: performance.now() - started, outcomes, blocks: seen.size, find }
}

function draw(chance: Chance, target: Target, corpus: readonly Uint8Array[]): Uint8Array {
  if (corpus.length === 0 || chance.oneIn(2)) return target.generate(chance)
  const input = chance.oneIn(3) ? target.generate(chance) : chance.pick(corpus)
  return mutate(chance, input, chance.pick(corpus), target.words)
}

function keep(chance: Chance, corpus: Uint8Array[], input: Uint8Array): void {
  if (corpus.length < LARGEST_CORPUS) corpus.push(input)
  else corpus[chance.int(corpus.length)] = input
}

function addAll(seen: Set<string>, blocks: readonly string[]): boolean {
  const before = seen.size
  for (const block of blocks) seen.add(block)
  return seen.size > before
}

/** Runs an input. A slow run is repeated, because it may have been the first to use some code. */
async function runTimed(target: Target, input: Uint8Array): Promise<string> {
  for (let left = 3; ; left--) {
    const before = process.cpuUsage()
    const outcome = await target.run(input)
    const { user, system } = process.cpuUsage(before)
    const milliseconds = (user + system) / 1000
    if (milliseconds < LONGEST_RUN) return outcome
    if (left === 1) throw new Undocumented(`${input.length} bytes take ${Math.round(milliseconds)} ms`)
  }
}

/** An input that takes more work than its length allows. */
class Laborious extends Undocumented {
  readonly input: Uint8Array

  constructor(input: Uint8Array, work: number) {
    super(`${input.length} bytes take ${work} runs of blocks`)
    this.input = input
  }
}

/**
 * Extends the input by many copies of one piece, and counts the blocks that run. Only work that is not
 * linear exceeds the limit for each byte.
 */
async function checkWork(
  chance: Chance,
  target: Target,
  coverage: Coverage,
  input: Uint8Array,
): Promise<void> {
  const at = chance.int(input.length + 1)
  const piece = chance.oneIn(2) ? input.subarray(at, at + 1 + chance.int(12)) : drawWords(chance, target)
  if (piece.length === 0 || input.length > PUMPED) return
  const pieces = Array.from({ length: Math.ceil(PUMPED / piece.length) }, () => piece)
  const pumped = concat(input.subarray(0, at), ...pieces, input.subarray(at))
  coverage.take(target.files)
  await target.run(pumped)
  const { work } = coverage.take(target.files)
  if (work > BLOCKS_PER_BYTE * pumped.length) throw new Laborious(pumped, work)
}

function drawWords(chance: Chance, target: Target): Uint8Array {
  return concat(...chance.several(2, () => chance.pick(target.words)))
}

/** A smaller input that fails too. */
export async function shrink(target: Target, input: Uint8Array): Promise<Uint8Array> {
  const deadline = performance.now() + 3000
  let least = input
  for (let length = input.length >> 1; length > 0; length >>= 1) {
    for (let at = 0; at + length <= least.length && performance.now() < deadline; ) {
      const shorter = concat(least.subarray(0, at), least.subarray(at + length))
      if (await fails(target, shorter)) least = shorter
      else at += length
    }
  }
  return least
}

async function fails(target: Target, input: Uint8Array): Promise<boolean> {
  try {
    await target.run(input)
    return false
  } catch {
    return true
  }
}
