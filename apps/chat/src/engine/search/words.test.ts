import { describe, expect, test } from 'vitest'
import { indexOf, isWanted, snippetOf, wantedBy } from './words.ts'

test.each([
  ['', ''],
  ['Hello, world!', 'hello world'],
  ['Crème BRÛLÉE', 'creme brulee'],
  ['Straße ΌΣΟΣ', 'strasse οσοσ'],
  ['ﬁne ＡＢＣ x²', 'fine abc x2'],
  ["don't a_b 1.5", 'don t a b 1 5'],
  ['\u0301 \u0301a', 'a'],
  ['東京に、行く', '東 京 に ¦ 行 く'],
  ['サーバー **東**京', 'サ ー ハ ー ¦ 東 京'],
  ['回의 시간', '回 의 ¦ 시 간'],
  ['시간'.normalize('NFD'), '시 간'],
  ['Node서버 v2', 'node 서 버 ¦ v2'],
  ['กินข้าว', 'กิ น ข้ า ว'],
  ['ສະບາຍ', 'ສ ະ บาย'.replace('บาย', 'ບ າ ຍ')],
  ['ខ្មែរ', 'ខ្ មែ រ'],
  ['မြန်မာ', 'မြ န် မာ'],
  ['नमस्ते বাংলা தமிழ்', 'नमस्ते বাংলা தமிழ்'],
  ['שָׁלוֹם مُحَمَّد', 'שלום محمد'],
  ['a👍🏽b 👩‍🚀🇩🇪1️⃣#️⃣ ❤️', 'a 👍 b 👩‍🚀 🇩🇪 1 ＃⃣ ❤'],
  ['東👍京', '東 ¦ 👍 ¦ 京'],
])('the words of %j are %j', (text, words) => {
  expect(indexOf(text).trim()).toBe(words)
  expect(indexOf(text.normalize('NFD')).trim()).toBe(words)
})

test.each<[string, readonly string[] | undefined]>([
  ['The Qui', [' the ', ' qui']],
  [' *" ', undefined],
  ['記憶', [' 記 憶']],
  ['記憶 力', [' 記 憶 ', ' 力']],
  ['Node서버 v2', [' node 서 버 ', ' v2']],
  ['a a a b', [' a ', ' b']],
  ['ok👍', [' ok ', ' 👍']],
  ['foo_bar **東**京', [' foo ', ' bar ', ' 東 京']],
])('%j looks for %j', (text, wanted) => {
  expect(wantedBy(text)).toEqual(wanted)
})

test.each([
  ['the quick', 'the qui', true],
  ['the quick', 'qui the', false],
  ['there quick', 'the qui', false],
  ['quick the', 'the quick', true],
  ['記憶', '憶記', false],
  ['記憶', '記憶', true],
  ['記、憶', '記憶', false],
])('whether %j is found by %j: %j', (text, query, isFound) => {
  expect(isWanted(indexOf(text), wantedBy(query)!)).toBe(isFound)
})

describe('a snippet', () => {
  function snippet(text: string, query: string) {
    return snippetOf(text, wantedBy(query)!)
  }

  test('of a short text is the whole text, in pieces', () => {
    expect(snippet('One, two. ONES', 'one')).toEqual([
      ['One', true],
      [', two. ', false],
      ['ONES', true],
    ])
    expect(snippet('two', 'two')).toEqual([['two', true]])
    expect(snippet('nothing', 'else')).toEqual([['nothing', false]])
  })

  test('of a long text begins shortly before the first hit, and ends with a word', () => {
    const text = `${'before '.repeat(50)}needle ${'after '.repeat(50)}needle`
    const pieces = snippet(text, 'needle')
    expect(pieces[0]).toEqual(['…', false])
    expect(pieces.at(-1)).toEqual(['…', false])
    const middle = pieces.slice(1, -1)
    expect(middle.map(([, hit]) => hit)).toEqual([false, true, false])
    expect(middle.map(([piece]) => piece).join('')).toMatch(/^(before )+needle( after)+$/)
    expect(middle.map(([piece]) => piece).join('').length).toBeLessThanOrEqual(160)
  })

  test('contains the visible text, without the marks of Markdown', () => {
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
  ])('cuts a word that is too long, but not a character', text => {
    const pieces = snippet(text, 'x')
    const whole = pieces.map(([piece]) => piece).join('')
    expect(whole.isWellFormed()).toBe(true)
    expect(whole.length).toBeLessThanOrEqual(162)
    expect(text).toContain(whole.replaceAll('…', ''))
  })
})

test('a snippet marks a phrase, but not its words elsewhere', () => {
  expect(snippetOf('憶 記 記憶 記憶力 憶記', wantedBy('記憶')!)).toEqual([
    ['憶 記 ', false],
    ['記憶', true],
    [' ', false],
    ['記憶', true],
    ['力 憶記', false],
  ])
  expect(snippetOf('회의록 👍🏽', wantedBy('회의 👍')!)).toEqual([
    ['회의', true],
    ['록 ', false],
    ['👍🏽', true],
  ])
})

test('phrases that overlap in a text are one hit', () => {
  expect(snippetOf('東京都', wantedBy('東京 京都')!)).toEqual([['東京都', true]])
})

test('a snippet with hits at the end of a long text is made quickly for any number of phrases', () => {
  const words = Array.from({ length: 100 }, (_, index) => String.fromCodePoint(0x4e00 + index))
  const texts = [
    [`${'\u4fff'.repeat(3800)}${words.join('')}`, words.join(' ')],
    [`${words[0]!.repeat(3800)}${words.join('')}`, `${words[1]}${words[0]!.repeat(198)}`],
  ] as const
  const before = process.threadCpuUsage()
  for (const [text, query] of texts) for (let i = 0; i < 20; i++) snippetOf(text, wantedBy(query)!)
  expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(2000)
})
