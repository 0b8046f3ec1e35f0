import { describe, expect, test } from 'vitest'
import { isWanted, snippetOf, wantedBy, wordsOf } from './words.ts'

test.each<[string, readonly string[]]>([
  ['', []],
  ['Hello, world!', ['hello', 'world']],
  ['Crème BRÛLÉE', ['creme', 'brulee']],
  ['Straße ΌΣΟΣ', ['strasse', 'οσοσ']],
  ['ﬁne ＡＢＣ x²', ['fine', 'abc', 'x2']],
  ['東京に', ['東', '京', 'に']],
  ['한국어 नमस्ते', ['한국어', 'नमस्ते'].map(word => word.normalize('NFKD').replace(/\p{M}/gu, ''))],
  ["don't a_b 1.5", ['don', 't', 'a', 'b', '1', '5']],
  ['\u0301 \u0301a', ['a']],
])('the words of %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words)
})

test('the last word that is typed may be only a beginning', () => {
  expect(wantedBy('The Qui')).toEqual({ whole: new Set(['the']), beginning: 'qui' })
  expect(wantedBy(' *" ')).toBeUndefined()
  expect(isWanted(new Set(['the', 'quick']), wantedBy('the qui')!)).toBe(true)
  expect(isWanted(new Set(['the', 'quick']), wantedBy('qui the')!)).toBe(false)
  expect(isWanted(new Set(['there', 'quick']), wantedBy('the qui')!)).toBe(false)
})

describe('a snippet', () => {
  function snippet(text: string, query: string) {
    return snippetOf(text, wantedBy(query)!)
  }

  test('of a short text is the text, in pieces', () => {
    expect(snippet('One, two. ONES', 'one')).toEqual([
      ['One', true],
      [', two. ', false],
      ['ONES', true],
    ])
    expect(snippet('two', 'two')).toEqual([['two', true]])
    expect(snippet('nothing', 'else')).toEqual([['nothing', false]])
  })

  test('of a long text begins a little before the first hit, and ends with a word', () => {
    const text = `${'before '.repeat(50)}needle ${'after '.repeat(50)}needle`
    const pieces = snippet(text, 'needle')
    expect(pieces[0]).toEqual(['…', false])
    expect(pieces.at(-1)).toEqual(['…', false])
    const middle = pieces.slice(1, -1)
    expect(middle.map(([, hit]) => hit)).toEqual([false, true, false])
    expect(middle.map(([piece]) => piece).join('')).toMatch(/^(before )+needle( after)+$/)
    expect(middle.map(([piece]) => piece).join('').length).toBeLessThanOrEqual(160)
  })

  test('is of what is read, without the marks of Markdown', () => {
    expect(snippet('a **bold** [tea `x`](https://a.example/tea) and `code`', 'tea')).toEqual([
      ['a bold ', false],
      ['tea', true],
      [' `x` and code', false],
    ])
    expect(snippet('> a quote\n```\nconst tea = 1\n```', 'tea')).toEqual([
      ['a quote\nconst ', false],
      ['tea', true],
      [' = 1', false],
    ])
    expect(snippet('[here](https://a.example/tea)', 'tea')).toEqual([['here', false]])
  })

  test.each([
    'x'.repeat(1000),
    '𝐱'.repeat(500),
    `${'a '.repeat(30)}${'𝐱'.repeat(500)}`,
    `a${'𝐱'.repeat(500)}`,
  ])('cuts a word that is too long, but no character', text => {
    const pieces = snippet(text, 'x')
    const whole = pieces.map(([piece]) => piece).join('')
    expect(whole.isWellFormed()).toBe(true)
    expect(whole.length).toBeLessThanOrEqual(162)
    expect(text).toContain(whole.replaceAll('…', ''))
  })
})

/** Counts how often a word is looked up. */
class CountingSet extends Set<string> {
  lookups = 0
  override has(word: string): boolean {
    this.lookups++
    return super.has(word)
  }
}

test('a snippet is read no further than its end, and each word is looked up once', () => {
  const wanted = Array.from({ length: 200 }, (_, index) => String.fromCodePoint(0x4e00 + index))
  const text = `${wanted.join('')}${'\u4fff'.repeat(3790)}`
  const whole = new CountingSet(wanted)
  expect(snippetOf(text, { whole, beginning: '\u5000' })[0]).toEqual(['\u4e00', true])
  expect(whole.lookups).toBeLessThanOrEqual(160)
  whole.lookups = 0
  snippetOf('\u4fff'.repeat(4000), { whole, beginning: '\u5000' })
  expect(whole.lookups).toBe(4000)
})
