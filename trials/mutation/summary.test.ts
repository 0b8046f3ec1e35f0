import { expect, test } from 'vitest'
import { type Mutant, summarise } from './summary.ts'

const source = 'const a = 1 + 2\nif (a > 2)\n  go()\n'

function mutant(status: Mutant['status'], from: number, to: number, replacement: string, line = 1): Mutant {
  return {
    mutatorName: 'M',
    replacement,
    status,
    location: { start: { line, column: from }, end: { line, column: to } },
  }
}

test('what was noticed, what is explained and what is left are counted and shown', () => {
  const mutants = [
    mutant('Killed', 11, 16, '1 - 2'),
    mutant('Timeout', 5, 10, 'a >= 2', 2),
    mutant('Survived', 5, 10, 'true', 2),
    mutant('NoCoverage', 11, 16, '0'),
    mutant('Ignored', 11, 16, '3'),
    mutant('CompileError', 11, 16, '4'),
  ]
  const why = 'it is always so'
  const explained = [{ file: 'a.ts', line: 'if (a > 2)', replacements: ['true'], why }]
  const { text, left } = summarise('x', { 'packages/x/src/a.ts': { source, mutants } }, explained)
  expect(left).toBe(1)
  expect(text).toContain('@ws/x: 2 of 4 changes noticed (50.0 %), 1 explained (with those 75.0 %)')
  expect(text).toContain('| a.ts | 4 | 2 | 1 | 1 |')
  expect(text).toContain('a.ts:1:11 M: 1 + 2 → 0')
  expect(text).not.toContain('true')
})
