import { expect, test } from 'vitest'
import { writeDocument } from './document.ts'
import { groups, idsIn } from './rows.ts'

const run = { date: '2000-01-02', node: '1.2.3', ws: '4.5.6', seconds: 7 }
const rows = groups.flatMap(group => group.rows)
const passing = rows.map(({ id }) => ({ name: `${id}: something`, passed: true }))

/** The line of that row. */
function lineOf(text: string, id: string): string | undefined {
  return text.split('\n').find(line => line.startsWith(`| ${id} |`))
}

test('ids are words of their own, and known', () => {
  expect(idsIn('over TLS > H15b, F7: T1–T3')).toEqual(['H15b', 'F7', 'T1', 'T3'])
  expect(idsIn('/caf%C3%A9 H99 xF7 F7x Q1')).toEqual([])
})

test('all rows in groups, with their tests counted', () => {
  const { text, missing, failed } = writeDocument([...passing, { name: 'F7, F8', passed: true }], [], run)
  expect([missing, failed]).toEqual([[], []])
  expect(lineOf(text, 'F7')).toMatch(/ \| 2\/2 \| – \|$/)
  expect(lineOf(text, 'F6')).toMatch(/ \| 1\/1 \| – \|$/)
  expect(text).toContain('2000-01-02, Node 1.2.3')
  for (const { letter, title } of groups) expect(text).toContain(`\n## ${letter}: ${title}\n`)
})

test('a row without a test is missing, unless there can be none here; one that failed is told', () => {
  const others = passing.filter(({ name }) => !/^(F7|T12):/.test(name))
  const { text, missing, failed } = writeDocument([...others, { name: 'F8', passed: false }], [], run)
  expect([missing, failed]).toEqual([['F7'], ['F8']])
  expect(lineOf(text, 'F7')).toContain(' | **missing** | ')
  expect(lineOf(text, 'F8')).toContain(' | 1/2 | ')
  expect(lineOf(text, 'T12')).toContain(' | not here: ')
  expect(writeDocument([...others, { name: 'F7', passed: false }], [], run).missing).toEqual(['F7'])
})

test('what others do: the same, one thing, several', () => {
  const theirs = [
    { name: 'F1: a', outcome: 'same' },
    { name: 'F1, F2: b', outcome: '1009' },
    { name: 'F3: c', outcome: 'same' },
  ]
  const { text } = writeDocument(passing, theirs, run)
  expect(['F1', 'F2', 'F3', 'F4'].map(id => lineOf(text, id)!.split(' | ').at(-1))).toEqual([
    '1009 (1 of 2) |',
    '1009 |',
    'same |',
    '– |',
  ])
})
