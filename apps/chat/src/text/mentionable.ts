// The names that a text can mention, and where one of them stands in it. Knows nothing of Markdown.

import { nameKey } from './name-key.ts'
import { UNSPACED } from './spaced-word.ts'

const WORD = /[\p{L}\p{N}\p{M}_]/u

/**
 * The rest of a longer name or address: `-marie`, `.smith`, `@example.social`, `/package`,
 * `:example.org`.
 */
const REST = /(?:[-.@/]|:(?=[\p{L}\p{N}-]+\.))[\p{L}\p{N}_]/uy

/** A character that belongs to the one before it: a combining mark or a zero width joiner. */
const ATTACHED = /[\p{M}\u200D]/u

/**
 * A text in Unicode normal form D has at most this many times the UTF-16 units that it has in form
 * C.
 */
const DECOMPOSED = 3

interface Named {
  readonly nick: string
  readonly key: string
}

/** Names, prepared for being found behind an `@`. */
export class Mentionable {
  /** By the first character of the key, the longest first. */
  readonly #names = new Map<string, Named[]>()
  readonly #longest: number

  constructor(nicks: Iterable<string> = []) {
    const names = Array.from(nicks, nick => ({ nick, key: nameKey(nick) })).filter(({ key }) => key !== '')
    names.sort((a, b) => b.key.length - a.key.length)
    for (const name of names) {
      const initial = initialOf(name.key)
      const others = this.#names.get(initial)
      if (others === undefined) this.#names.set(initial, [name])
      else others.push(name)
    }
    this.#longest = DECOMPOSED * (names[0]?.key.length ?? 0)
  }

  /**
   * The longest name that `@` at a position of a text mentions; undefined where it mentions none.
   */
  at(text: string, position: number): { readonly nick: string; readonly end: number } | undefined {
    if (text[position] !== '@' || !canPrecede(text.slice(Math.max(0, position - 2), position)))
      return undefined
    const start = position + 1
    const key = nameKey(text.slice(start, start + this.#longest))
    const names = this.#names.get(initialOf(key)) ?? []
    for (const name of names) {
      const end = key.startsWith(name.key) ? endOf(text, start, name.key) : undefined
      if (end !== undefined && isEnd(text, end)) return { nick: name.nick, end }
    }
    return undefined
  }
}

function initialOf(key: string): string {
  return key === '' ? '' : String.fromCodePoint(key.codePointAt(0)!)
}

/** The end of a known name at a position: its text may be longer or shorter than its key. */
function endOf(text: string, start: number, key: string): number | undefined {
  const isAt = (length: number) => nameKey(text.slice(start, start + length)) === key
  for (let length = key.length; length <= DECOMPOSED * key.length; length++)
    if (isAt(length)) return start + length
  for (let length = key.length - 1; length > 0; length--) if (isAt(length)) return start + length
  return undefined
}

/** Whether a mention can follow a text: not within a word, as in an e-mail address. */
function canPrecede(before: string): boolean {
  const last = Array.from(before).at(-1) ?? ' '
  return !WORD.test(last) || UNSPACED.test(last)
}

/** Whether a name can end at a position: not within a longer one. */
function isEnd(text: string, end: number): boolean {
  if (end >= text.length) return true
  const next = String.fromCodePoint(text.codePointAt(end)!)
  if (ATTACHED.test(next) || (WORD.test(next) && !UNSPACED.test(next))) return false
  REST.lastIndex = end
  return !REST.test(text)
}
