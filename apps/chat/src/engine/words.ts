// What a word is to a search, and where the words stand in a text: the same in every engine. Knows no store.

import { withoutMarks } from '../text/markdown.ts'
import { normalForm } from '../text/normal-form.ts'

/** What is looked for: texts with all of `whole` and a word that begins with `beginning`. */
export interface Wanted {
  readonly whole: ReadonlySet<string>
  readonly beginning: string
}

interface Word {
  /** What it is compared by: without case (ß is ss, ς is σ), accents and compatibility forms. */
  readonly key: string
  readonly from: number
  readonly to: number
}

/** Characters before the first hit of a snippet, and of a snippet in all. */
const LEAD = 40
const LENGTH = 160

/** Letters and digits with their accents. Chinese and Japanese are written without spaces: there each character is a word. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[[\p{L}\p{N}\p{M}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]]+/gv

function* findWords(text: string): Generator<Word> {
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const key = keyOf(word)
    if (key !== '') yield { key, from: index, to: index + word.length }
  }
}

const ASCII = /^[a-z0-9]+$/i

function keyOf(word: string): string {
  if (ASCII.test(word)) return word.toLowerCase()
  return normalForm(word, 'NFKD')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replace(/[^\p{L}\p{N}]/gu, '')
}

/** The words of a text as they are compared, in their order: letters and digits only, without case and accents. */
export function wordsOf(text: string): readonly string[] {
  return Array.from(findWords(text), ({ key }) => key)
}

/** Reads what somebody typed. Undefined where there is no word in it. */
export function wantedBy(text: string): Wanted | undefined {
  const words = [...wordsOf(text)]
  const beginning = words.pop()
  return beginning === undefined ? undefined : { whole: new Set(words), beginning }
}

/** Whether a text, given as its words, is what is looked for. */
export function isWanted(words: ReadonlySet<string>, { whole, beginning }: Wanted): boolean {
  for (const word of whole) if (!words.has(word)) return false
  if (words.has(beginning)) return true
  for (const word of words) if (word.startsWith(beginning)) return true
  return false
}

/** The text around the first hit, in pieces; `true` for a hit. Reads no further than the snippet. */
export function snippetOf(body: string, wanted: Wanted): readonly (readonly [text: string, hit: boolean])[] {
  const text = withoutMarks(body)
  const { words, hits } = wordsAround(text, wanted)
  const first = hits[0]?.from ?? 0
  const start = first <= LEAD ? 0 : words.find(({ from }) => from >= first - LEAD)!.from
  const end = endOf(text, start, words)
  const pieces: [string, boolean][] = []
  let at = start
  for (const { from, to } of hits) {
    if (from >= end) break
    if (from > at) pieces.push([text.slice(at, from), false])
    at = Math.min(to, end)
    pieces.push([text.slice(from, at), true])
  }
  if (at < end) pieces.push([text.slice(at, end), false])
  if (start > 0) pieces.unshift(['…', false])
  if (end < text.length) pieces.push(['…', false])
  return pieces
}

/** The words of a text up to the end of a snippet around the first hit, and those among them that are hits. */
function wordsAround(text: string, { whole, beginning }: Wanted) {
  const words: Word[] = []
  const hits: Word[] = []
  for (const word of findWords(text)) {
    if (hits.length > 0 && word.from >= hits[0]!.from + LENGTH) break
    words.push(word)
    if (whole.has(word.key) || word.key.startsWith(beginning)) hits.push(word)
  }
  return { words, hits }
}

/** Where a snippet ends: behind a word, or within one that is too long, but never within a character. */
function endOf(text: string, start: number, words: readonly Word[]): number {
  const end = start + LENGTH
  if (end >= text.length) return text.length
  const last = words.findLast(({ from, to }) => from > start && to <= end)
  if (last) return last.to
  return text.slice(0, end).isWellFormed() ? end : end - 1
}
