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
