// A fuzz target: the source of its input, and the check of each result. An input is bytes, so that it
// can be printed, replayed and mutated; the random choices of a run are derived from them.

import { isDeepStrictEqual } from 'node:util'
import type { Chance } from './chance.ts'

/** One thing that is fuzzed. */
export interface Target {
  readonly name: string
  /** The description in docs/fuzzing.md: the code under test, and what must hold. */
  readonly about: string
  /** Ends of the paths of the files whose blocks are counted. */
  readonly files: readonly string[]
  /** Words of the format, which are inserted into inputs. */
  readonly words: readonly Uint8Array[]
  /** A new input, mostly valid. */
  generate(chance: Chance): Uint8Array
  /** Runs one input, and returns the outcome in a few words. Throws if it is not documented. */
  run(input: Uint8Array): string | Promise<string>
}

/** The outcome of an input is not documented. */
export class Undocumented extends Error {
  override readonly name = 'Undocumented'
}

/** Throws an `Undocumented` unless the condition holds. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Undocumented(what)
}

/** Throws an `Undocumented` unless the two are deeply equal. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new Undocumented(`${what}: ${show(actual)} rather than ${show(expected)}`)
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? Buffer.from(part).toString('hex') : part,
  )
  return text === undefined || text.length <= 400 ? String(text) : `${text.slice(0, 400)} …`
}

/** Bytes as a text with one character for each. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

/** The bytes of such a text. */
export function fromLatin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, char => char.charCodeAt(0))
}
