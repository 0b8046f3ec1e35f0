import { expect, test } from 'vitest'
import { readMarkdown } from './markdown.ts'
import { Mentionable } from './mentionable.ts'
import { mentionsIn } from './mentions.ts'

const NICKS = [
  'Ann',
  'Ann Lee',
  'Ada Lovelace',
  'ann-marie',
  'Zoë',
  '李明',
  'アダ',
  '아다',
  'สมชาย',
  '_ada_',
  '🌞',
  'x.y',
]

test.each<[string, readonly string[]]>([
  ['hi @Ann, you', ['Ann']],
  ['(@Ann) "@ann" @ANN. @Ann! @Ann’s and @ann\'s', ['Ann', 'Ann', 'Ann', 'Ann', 'Ann', 'Ann']],
  ['@Ada Lovelace', ['Ada Lovelace']],
  ['@ADA LOVELACE and @ada lovelace.', ['Ada Lovelace', 'Ada Lovelace']],
  ['@Ada', []],
  ['@Ada Lovelaces', []],
  ['@Ann Lee and @Ann Leeds', ['Ann Lee', 'Ann']],
  ['@ann-marie', ['ann-marie']],
  ['@ann-marie2, @ann-other, @ann.smith, @ann_x, @anna', []],
  ['@ann@example.social', []],
  ['@ann:example.org', []],
  ['@ann: hello. @ann:hello', ['Ann', 'Ann']],
  ['@ann/package', []],
  ['me@ann, ann@ann.example', []],
  ['@here, @everyone, @nobody, @', []],
  ['@Zoe\u0308 and @zoë', ['Zoë', 'Zoë']],
  ['@Ann\u0301', []],
  ['你好@李明你在吗', ['李明']],
  ['こんにちは@アダさん', ['アダ']],
  ['@Annさん', ['Ann']],
  ['@아다님', ['아다']],
  ['@สมชายครับ', ['สมชาย']],
  ['@_ada_ and @🌞!', ['_ada_', '🌞']],
  ['@x.y. and @x', ['x.y']],
  ['*@Ann* **hi @Bob @Ann** > @Ann', ['Ann', 'Ann', 'Ann']],
  ['> @Ann', ['Ann']],
  ['`@Ann` and\n```\n@Ann\n```', []],
  ['https://a.example/@Ann http://@Ann.example [@Ann](https://a.example)', []],
  ['@Ann\nLee', ['Ann']],
])('%j mentions %j', (text, expected) => {
  expect(mentionsIn(text, new Mentionable(NICKS))).toEqual(expected)
})

test('a mention is in the tree as it was written, with the name that it means', () => {
  const [line] = readMarkdown('hi @ADA lovelace!', new Mentionable(NICKS))
  expect(line).toMatchObject({
    content: [
      { kind: 'text', text: 'hi ' },
      { kind: 'mention', text: '@ADA lovelace', nick: 'Ada Lovelace' },
      { kind: 'text', text: '!' },
    ],
  })
})

test('without names nothing is a mention', () => {
  expect(readMarkdown('@Ann @here')).toEqual([
    { kind: 'lines', content: [{ kind: 'text', text: '@Ann @here' }] },
  ])
})

test.each(['@', '@a', '@a ', '@ann-', '@李', '@\u0301'])(
  'repeated mentions in %j are found quickly',
  unit => {
    const names = new Mentionable([...NICKS, 'a'.repeat(32), 'a', '李', 'a a a a a a a a a a a a a a'])
    const before = process.threadCpuUsage()
    mentionsIn(unit.repeat(Math.ceil(40_000 / unit.length)), names)
    expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(1000)
  },
)
