import { expect, test } from 'vitest'
import { writeDocument } from './document.ts'
import type { Summary } from './summary.ts'

const counts = { changes: 8, noticed: 5, timedOut: 1, explained: 2, left: 1 }
const summary: Summary = {
  name: 'x',
  files: new Map([['a.ts', counts]]),
  total: counts,
  left: ['x/a.ts:1:11 M: 1 + 2 → 0'],
  explained: [
    { file: 'x/a.ts', line: 'if (a > 2)', changes: ['a > 2 → true'], why: 'Faster.' },
    { file: 'x/a.ts', line: 'return `a`', changes: ['`a` → ``'], why: 'Same.' },
    { file: 'x/b.ts', line: 'if (b)', changes: ['b → true', 'b → false'], why: 'Faster.' },
  ],
  idle: [],
}
const run = { date: '2000-01-02', node: '1.2.3', stryker: '4.5.6' }

test('what was run, by package and by file', () => {
  const text = writeDocument([summary, { ...summary, name: 'y' }], [], run)
  expect(text).toContain('StrykerJS 4.5.6, Node 1.2.3; the last run ended on 2000-01-02')
  expect(text).toContain('| @ws/x | 8 | 5 | 2 | 1 | 62.5 % | 87.5 % |')
  expect(text).toContain('| all | 16 | 10 | 4 | 2 | 62.5 % | 87.5 % |')
  expect(text).toContain('do not end: 2 of 10.')
  expect(text).toContain('| a.ts | 8 | 5 | 2 | 1 |')
})

test('what is left is listed, what is explained stands under its reason', () => {
  const text = writeDocument([summary], [], run)
  expect(text).toContain('Left:\n\n- `x/a.ts:1:11 M: 1 + 2 → 0`')
  expect(text).toContain(
    [
      '- Faster.',
      '  - a.ts, `if (a > 2)`: `a > 2 → true`',
      '  - b.ts, `if (b)`: `b → true`, `b → false`',
      '- Same.',
      '  - a.ts, `` return `a` ``: `` `a` → `` ``',
    ].join('\n'),
  )
  expect(writeDocument([{ ...summary, left: [], explained: [] }], [], run)).not.toMatch(/Left:|Explained:/)
})

test('what was found says what was done about it', () => {
  const found = [
    { file: 'x/a.ts', what: 'A limit could be one more.', test: 'the limit holds' },
    { file: 'x/b.ts', what: 'A check could go.' },
  ]
  const text = writeDocument([summary], found, run)
  expect(text).toContain('- `x/a.ts`: A limit could be one more. Noticed by “the limit holds”.\n')
  expect(text).toContain('- `x/b.ts`: A check could go. That code is gone.\n')
})
