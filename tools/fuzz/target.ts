// What a fuzz target is: where its input comes from, and who says whether what came of it may be. An input is bytes, whatever they
// stand for, so that any can be written down, replayed and changed; what a run draws follows from them.

import { isDeepStrictEqual } from 'node:util'
import type { Chance } from './chance.ts'

/** One thing that is fuzzed. */
export interface Target {
  readonly name: string
  /** One sentence for the document: what is given what, and what must hold. */
  readonly about: string
  /** The files whose blocks count as reached, as ends of their paths. */
  readonly files: readonly string[]
  /** Words that inputs of this kind are made of, to be put into others. */
  readonly words: readonly Uint8Array[]
  /** A new input, mostly legal. */
  generate(chance: Chance): Uint8Array
  /** Runs one input and says in a few words what came of it. Throws for what is documented nowhere. */
  run(input: Uint8Array): string | Promise<string>
}

/** What came of an input is not among what the documents say may come of it. */
export class Undocumented extends Error {
  override readonly name = 'Undocumented'
}

/** Throws unless it holds. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Undocumented(what)
}

/** Throws unless the two are the same in structure. */
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

/** A text of which each character is a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

/** The bytes of such a text. */
export function fromLatin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, char => char.charCodeAt(0))
}
