import { expect, it } from 'vitest'
import { formatMarkdown, formatTable } from './table.ts'

const table = [
  ['', 'messages/s', '±'],
  ['ours', '1,000', '2 %'],
  ['somebody else', '9', '10 %'],
]

it('sets words to the left and numbers to the right', () => {
  expect(formatTable(table)).toBe(
    [
      '               messages/s     ±',
      'ours                1,000   2 %',
      'somebody else           9  10 %',
    ].join('\n'),
  )
})

it('is Markdown too', () => {
  expect(formatMarkdown(table)).toBe(
    [
      '|  | messages/s | ± |',
      '| --- | ---: | ---: |',
      '| ours | 1,000 | 2 % |',
      '| somebody else | 9 | 10 % |',
    ].join('\n'),
  )
  expect(formatMarkdown(table, 2)).toContain('| --- | --- | ---: |')
})
