import { expect, test } from 'vitest'
import { type Mutant, type Report, summarise, testsOf } from './summary.ts'

const source = 'const a = 1 + 2\nif (a > 2)\n  go()\n'

function mutant(status: Mutant['status'], from: number, to: number, replacement: string, line = 1): Mutant {
  return {
    mutatorName: 'M',
    replacement,
    status,
    location: { start: { line, column: from }, end: { line, column: to } },
  }
}

const report: Report = {
  testFiles: { 'packages/x/src/a.test.ts': { tests: [{ name: 'a > one' }, { name: 'two' }] } },
  files: {
    'packages/x/src/a.ts': {
      source,
      mutants: [
        mutant('Killed', 11, 16, '1 - 2'),
        mutant('Timeout', 5, 10, 'a >= 2', 2),
        mutant('Survived', 5, 10, 'true', 2),
        mutant('NoCoverage', 11, 16, '0'),
        mutant('Ignored', 11, 16, '3'),
        mutant('CompileError', 11, 16, '4'),
      ],
    },
  },
}

const explained = {
  file: 'x/a.ts',
  line: 'if (a > 2)',
  changes: ['a > 2 → true', 'a > 2 → a >= 2'],
  why: 'it is so',
}

test('what was noticed, what is explained and what is left are counted', () => {
  const summary = summarise('x', report, [explained])
  const counts = { changes: 4, noticed: 2, timedOut: 1, explained: 1, left: 1 }
  expect(summary.total).toEqual(counts)
  expect([...summary.files]).toEqual([['a.ts', counts]])
  expect(summary.left).toEqual(['x/a.ts:1:11 M: 1 + 2 → 0'])
})

test('an explanation that nothing is in need of is told', () => {
  const { explained: used, idle } = summarise('x', report, [explained])
  expect(used).toEqual([{ ...explained, changes: ['a > 2 → true'] }])
  expect(idle).toEqual(['x/a.ts: a > 2 → a >= 2 in: if (a > 2)'])
})

test.each([{ file: 'y/a.ts' }, { file: 'x/b.ts' }, { line: 'if (a > 3)' }, { changes: ['a → true'] }])(
  'an explanation of something else explains nothing: %j',
  other => {
    expect(summarise('x', report, [{ ...explained, ...other }]).total.explained).toBe(0)
  },
)

test('a change over several lines is written on one, cut where it is long', () => {
  const location = { start: { line: 2, column: 1 }, end: { line: 3, column: 7 } }
  const wide = { ...mutant('Survived', 0, 0, '/'.repeat(90)), location }
  const files = { 'packages/x/src/a.ts': { source, mutants: [wide] } }
  expect(summarise('x', { ...report, files }, []).left).toEqual([
    `x/a.ts:2:1 M: if (a > 2) go() → ${'/'.repeat(77)}…`,
  ])
})

test('the tests that were run are known by their names', () => {
  expect(testsOf(report)).toEqual(['a > one', 'two'])
})
