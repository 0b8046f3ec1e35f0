// The words of a text, for searching: the same in all engines.

import { withoutMarks } from '../../text/markdown.ts'
import { normalForm } from '../../text/normal-form.ts'

/**
 * Phrases that a text must have. Each begins with a space, and ends with one unless its last word
 * may be the beginning of a longer one: it stands in a text whose words are as {@link indexOf}
 * writes them.
 */
export type Wanted = readonly string[]

interface Word {
  /**
   * The form in which words are compared: without case (ß is ss, ς is σ), accents and compatibility
   * forms.
   */
  readonly key: string
  readonly from: number
  readonly to: number
  readonly kind: 'spaced' | 'unspaced' | 'emoji'
  /**
   * One of it and the word before it is unspaced, and nothing but marks of Markdown stands between
   * them: the two are one run.
   */
  readonly continues: boolean
}

/** Characters before the first hit of a snippet, and of a snippet in all. */
const LEAD = 40
const LENGTH = 160

/**
 * One emoji. The properties used also hold for emoji of later versions of Unicode, because an index
 * must not depend on the version that wrote it.
 */
const EMOJI = [
  '\\p{Regional_Indicator}{2}',
  '[#*]\\uFE0F?\\u20E3',
  '[\\p{Extended_Pictographic}--[\\p{L}\\p{N}]][\\uFE0F\\p{Emoji_Modifier}\\u{E0020}-\\u{E007F}]*(?:\\u200D\\p{Extended_Pictographic}[\\uFE0F\\p{Emoji_Modifier}]*)*',
].join('|')

/** One syllable of Hangul, in any form; or a letter that is not a part of one. */
const HANGUL =
  '[\\u1100-\\u115F\\uA960-\\uA97C]*[\\uAC00-\\uD7A3\\u1160-\\u11A7\\uD7B0-\\uD7C6][\\u1160-\\u11FF\\uD7B0-\\uD7FB]*|\\p{Script=Hangul}'

/**
 * Letters that are written without spaces between words, or whose words take endings without one.
 */
const UNSPACED = [
  '[\\p{L}\\p{N}]&&[',
  ...['Han', 'Hiragana', 'Katakana'].map(script => `\\p{Script_Extensions=${script}}`),
  ...['Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar'].map(script => `\\p{Script=${script}}`),
  ']',
].join('')

/**
 * A letter or digit with its accents is a word by itself where words are not separated; elsewhere a
 * word is a series of them.
 */
const WORD = new RegExp(
  `[[\\p{L}\\p{N}\\p{M}]--[${UNSPACED}]]+|(?<unspaced>${HANGUL}|[${UNSPACED}]\\p{M}*)|(?<emoji>${EMOJI})`,
  'gv',
)

/** May stand within a run of words: **東**京. */
const MARKUP = /^[*_`]*$/

function* findWords(text: string): Generator<Word> {
  let before: Pick<Word, 'to' | 'kind'> | undefined
  for (const { 0: word, index, groups } of text.matchAll(WORD)) {
    const kind = groups?.emoji ? 'emoji' : groups?.unspaced ? 'unspaced' : 'spaced'
    const key = kind === 'spaced' ? keyOf(word) : kind === 'unspaced' ? unspacedKey(word) : emojiKey(word)
    if (key === '') continue
    const kinds = [before?.kind, kind]
    const isRun = kinds.includes('unspaced') && !kinds.includes('emoji') && before !== undefined
    const continues = isRun && (before!.to === index || MARKUP.test(text.slice(before!.to, index)))
    const to = index + word.length
    yield { key, from: index, to, kind, continues }
    before = { to, kind }
  }
}

const ASCII = /^[a-z0-9]+$/i

/**
 * Marks that are ignored in comparisons. In other scripts, marks are vowels and distinguish words.
 */
const ACCENTS =
  /[\p{M}&&[\p{Script=Inherited}\p{Script=Common}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}]]/gv

function keyOf(word: string): string {
  if (ASCII.test(word)) return word.toLowerCase()
  const key = normalForm(word, 'NFKD')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replace(ACCENTS, '')
    .replace(/[^\p{L}\p{N}\p{M}]/gu, '')
    .normalize('NFC')
  return /[\p{L}\p{N}]/u.test(key) ? key : ''
}

/** Characters that are their own key: most of Chinese and Korean. */
const OWN_KEY = /^[\u4E00-\u9FFF\uAC00-\uD7A3]$/

/**
 * The other keys of words of one character that were looked for last: a text has the same few again
 * and again.
 */
const unspacedKeys = new Map<string, string>()
const MAX_REMEMBERED = 4096

function unspacedKey(word: string): string {
  if (OWN_KEY.test(word)) return word
  const known = unspacedKeys.get(word)
  if (known !== undefined) return known
  const key = keyOf(word)
  if (unspacedKeys.size >= MAX_REMEMBERED) unspacedKeys.clear()
  if (word.length <= 8) unspacedKeys.set(word, key)
  return key
}

/** An emoji without its skin tone and presentation. */
function emojiKey(emoji: string): string {
  return emoji
    .replace(/[\uFE0F\p{Emoji_Modifier}]/gu, '')
    .replace('#', '＃')
    .replace('*', '＊')
}

/** Separates runs of words, so that no phrase crosses it. Not a word itself. */
const BREAK = '¦'

/** The words of a text as they are compared, in their order, with a space before and after each. */
export function indexOf(text: string): string {
  let index = ' '
  let before: Word['kind'] | undefined
  for (const { key, kind, continues } of findWords(text)) {
    const isBreak = !continues && (kind === 'unspaced' || before === 'unspaced') && before !== undefined
    index += isBreak ? `${BREAK} ${key} ` : `${key} `
    before = kind
  }
  return index
}

/** Parses a query: runs of words without a space are phrases. Undefined if it contains no word. */
export function wantedBy(text: string): Wanted | undefined {
  const phrases: string[] = []
  for (const { key, continues } of findWords(text)) {
    if (continues) phrases.push(`${phrases.pop()}${key} `)
    else phrases.push(` ${key} `)
  }
  const last = phrases.pop()
  if (last === undefined) return undefined
  return [...new Set(phrases), last.slice(0, -1)]
}

/** Whether a text, in the form of `indexOf`, matches. */
export function isWanted(index: string, wanted: Wanted): boolean {
  return wanted.every(phrase => index.includes(phrase))
}

/**
 * The text around the first hit, in pieces; `true` for a hit. Reads no further than the snippet.
 */
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

/** A range of a text. */
type Place = Pick<Word, 'from' | 'to'>

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}

/**
 * The words of a text up to the end of a snippet around the first hit, and the phrases among them
 * that are hits.
 */
function wordsAround(
  text: string,
  wanted: Wanted,
): { readonly words: readonly Word[]; readonly hits: readonly Place[] } {
  const phrases = wanted.map(phrase => ({ keys: phrase.trim().split(' '), isOpen: !phrase.endsWith(' ') }))
  const open = phrases.filter(({ isOpen }) => isOpen)
  const closed = new Map<string, Phrase[]>()
  for (const phrase of phrases) if (!phrase.isOpen) push(closed, phrase.keys.at(-1)!, phrase)
  const words: Word[] = []
  const hits: Place[] = []
  for (const word of findWords(text)) {
    if (hits.length > 0 && word.from >= hits[0]!.from + LENGTH) break
    words.push(word)
    for (const phrase of [...open, ...(closed.get(word.key) ?? [])]) {
      const first = firstOf(words, phrase)
      if (first !== undefined) addHit(hits, { from: first.from, to: word.to })
    }
  }
  return { words, hits }
}

interface Phrase {
  readonly keys: readonly string[]
  /** Its last word may be the beginning of a longer one. */
  readonly isOpen: boolean
}

/** The first word of a phrase that ends with the last of these words. */
function firstOf(words: readonly Word[], { keys, isOpen }: Phrase): Word | undefined {
  const start = words.length - keys.length
  for (let at = keys.length - 1; at >= 0; at--) {
    const word = words[start + at]
    if (word === undefined || (at > 0 && !word.continues)) return undefined
    const isOpenEnd = isOpen && at === keys.length - 1
    if (isOpenEnd ? !word.key.startsWith(keys[at]!) : word.key !== keys[at]) return undefined
  }
  return words[start]
}

/** Joins a hit with those that it overlaps. */
function addHit(hits: Place[], hit: Place): void {
  let { from } = hit
  while (hits.length > 0 && hits.at(-1)!.to > from) from = Math.min(from, hits.pop()!.from)
  hits.push({ from, to: hit.to })
}

/**
 * The end of a snippet: after a word, or within one that is too long, but never within a character.
 */
function endOf(text: string, start: number, words: readonly Word[]): number {
  const end = start + LENGTH
  if (end >= text.length) return text.length
  const last = words.findLast(({ from, to }) => from > start && to <= end)
  if (last) return last.to
  return text.slice(0, end).isWellFormed() ? end : end - 1
}
