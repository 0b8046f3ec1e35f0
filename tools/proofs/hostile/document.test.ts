import { expect, test } from 'vitest'
import { writeDocument } from './document.ts'
import { groups, idsIn } from './rows.ts'

const run = { date: '2000-01-02', node: '1.2.3', ws: '4.5.6', seconds: 7 }
const rows = groups.flatMap(group => group.rows)
const passing = rows.map(({ id }) => ({ name: `${id}: something`, passed: true }))
const nothing = { tests: passing, ours: [], theirs: [] }

/** The line of that row. */
function lineOf(text: string, id: string): string | undefined {
  return text.split('\n').find(line => line.startsWith(`| ${id} |`))
}

test('ids are words of their own, and known', () => {
  expect(idsIn('over TLS > H15b, F7: T1–T3')).toEqual(['H15b', 'F7', 'T1', 'T3'])
  expect(idsIn('/caf%C3%A9 H99 xF7 F7x Q1')).toEqual([])
})

test('the document has all rows in groups, with their tests counted', () => {
  const tests = [...passing, { name: 'F7, F8', passed: true }]
  const { text, missing, failed } = writeDocument({ ...nothing, tests }, run)
  expect([missing, failed]).toEqual([[], []])
  expect(lineOf(text, 'F7')).toMatch(/ \| 2\/2 \| – \| – \|$/)
  expect(lineOf(text, 'F6')).toMatch(/ \| 1\/1 \| – \| – \|$/)
  expect(text).toContain('2000-01-02, Node 1.2.3')
  for (const { letter, title } of groups) expect(text).toContain(`\n## ${letter}: ${title}\n`)
})

test('a row without a proof is missing, and one with a failed test or case has failed', () => {
  const others = passing.filter(({ name }) => !/^(F7|L1):/.test(name))
  const tests = [...others, { name: 'F8', passed: false }]
  const ours = [
    { id: 'L1.1', verdict: 'OK' },
    { id: '4.1.1', verdict: 'NON-STRICT' },
  ]
  const { text, missing, failed } = writeDocument({ tests, ours, theirs: [] }, run)
  expect([missing, failed]).toEqual([['L1'], ['F4', 'F8']])
  expect(lineOf(text, 'F7')).toContain(' | – | 1/1 | ')
  expect(lineOf(text, 'F8')).toContain(' | 1/2 | ')
  expect(lineOf(text, 'L1')).toContain(' | – | – | ')
})

test('the column of ws has the verdicts that are not OK', () => {
  const theirs = [
    { id: 'L1.1', verdict: 'FAILED' },
    { id: 'L1.2', verdict: 'OK' },
    { id: 'L1.6', verdict: 'OK' },
    { id: 'L1.7', verdict: 'INFORMATIONAL' },
  ]
  const { text } = writeDocument({ ...nothing, theirs }, run)
  expect(['F7', 'F8', 'F9', 'F10'].map(id => lineOf(text, id)!.split(' | ').at(-1))).toEqual([
    'FAILED 1/2 |',
    'OK |',
    'OK |',
    '– |',
  ])
})
