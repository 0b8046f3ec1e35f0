// The loop: an input is generated, or made of one that showed something new; it is run; what showed something new is kept. An input
// that comes to something undocumented is made smaller and reported. Knows no target.

import { performance } from 'node:perf_hooks'
import { concat } from '@ws/testing'
import { Chance } from './chance.ts'
import type { Coverage } from './coverage.ts'
import { mutate } from './mutate.ts'
import { type Target, Undocumented } from './target.ts'

/** How long, from which seed, and by whose light. */
export interface FuzzOptions {
  readonly seed: number
  /** Runs at most. */
  readonly runs?: number
  /** Milliseconds at most. */
  readonly time?: number
  /** Inputs that reach new blocks are kept; without it, those with a new outcome. */
  readonly coverage?: Coverage
  /** Inputs that showed something new before; those of this run are added. */
  readonly corpus?: Uint8Array[]
}

/** An input that came to something undocumented. */
interface Find {
  readonly input: Uint8Array
  readonly error: unknown
}

/** What came of so many runs. */
export interface FuzzResult {
  readonly runs: number
  readonly milliseconds: number
  readonly outcomes: ReadonlyMap<string, number>
  /** Blocks of the target's files, each with the power of two of how often it ran; 0 without coverage. */
  readonly blocks: number
  readonly find: Find | undefined
}

/** One run takes less, on any machine: an input has at most 20,000 bytes. */
const LONGEST_RUN = 400
const LARGEST_CORPUS = 400
/** With coverage, about one input in so many is made long, to see how much work that is. */
const PUMP_ONE_IN = 4
/** Its length then, and the most runs of blocks for each of its bytes: all targets have been seen to take less than 50. */
const PUMPED = 4000
const BLOCKS_PER_BYTE = 150

/** Fuzzes one target until the budget is spent or something is found. */
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

/** Runs it; one that takes long is run again, for the machine may have been busy. */
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

/** An input for which more is done than its length is worth. */
class Laborious extends Undocumented {
  readonly input: Uint8Array

  constructor(input: Uint8Array, work: number) {
    super(`${input.length} bytes take ${work} runs of blocks`)
    this.input = input
  }
}

/**
 * Makes the input long, by a piece of it many times, and counts the blocks that run for it: so many for a byte, whatever it is, that only
 * what looks at all bytes again for each of them takes more.
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

/** The input without what it takes nothing away to leave out. */
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
