import { expect, test } from 'vitest'
import type { Outcome } from '../run.ts'
import { writeOutcome } from './document.ts'
import { formatProgress, formatSummary } from './summary.ts'

const options: Outcome['options'] = {
  engine: 'redis',
  nodes: 2,
  rooms: 8,
  publishers: 48,
  messages: 1_000_000,
  kills: 200,
  redisKills: 50,
  mayLose: false,
  seed: 42,
  journals: 'journals',
}
const outcome: Outcome = {
  options,
  seconds: 1800,
  counts: {
    messages: 1_000_100,
    tries: 1_000_400,
    acknowledged: 1_000_050,
    duplicates: 20,
    refused: 300,
    cuts: 44,
    entries: 1_000_058,
    seen: 3_000_000,
    told: 0,
    lostWithEpoch: 0,
  },
  faults: [{ t: 'fault', kind: 'kill node', node: 1, from: 0, to: 10, recovered: 410 }],
  violations: [],
}
const circumstances = {
  machine: { cpu: 'A processor', cores: 2, memory: '4 GiB', system: 'A system' },
  version: '26.10.0',
  commit: 'abc1234',
  date: '2000-01-02',
}
const document =
  'Before.\n\n<!-- verify:redis -->\nstale\n<!-- /verify -->\n\n<!-- verify:loss -->\n<!-- /verify -->\n'

test('the section of the outcome is replaced, and the rest is left alone', () => {
  const text = writeOutcome(document, outcome, circumstances)
  expect(text).toMatch(
    /^Before\.\n\n<!-- verify:redis -->\n\n`pnpm --filter @ws\/chat-checker start --engine redis --nodes 2 /,
  )
  expect(text).toMatch(/\n<!-- \/verify -->\n\n<!-- verify:loss -->\n<!-- \/verify -->\n$/)
  expect(text).not.toContain('stale')
  expect(text).toContain('| messages acknowledged | 1,000,050 |')
  expect(text).toContain('| kill node | 1 | 400 | 400 |')
  expect(text).toContain('| **lost**: acknowledged, but not in the log | 0 |')
  expect(text).toContain('--seed 42`')
  expect(writeOutcome(text, outcome, circumstances)).toBe(text)
})

test('violations are written too; a store that may lose writes has another section', () => {
  const violations = [{ verdict: 'lost', room: 'room', what: 'ann#1' }] as const
  const lossy = { ...outcome, options: { ...options, mayLose: true }, violations }
  const text = writeOutcome(document, lossy, circumstances)
  expect(text).toContain('| **lost**: acknowledged, but not in the log | **1** |')
  expect(text).toContain('\nstale\n')
  expect(text).toContain('--loss`')
})

test('a document without the section is refused', () => {
  expect(() => writeOutcome('nothing', outcome, circumstances)).toThrow('<!-- verify:redis -->')
})

test('a summary reports no violations, or examples of each kind', () => {
  expect(formatSummary(outcome)).toMatch(/^redis, 2 nodes, 8 rooms, seed 42, 1800 s\n {2}1,000,050 messages/)
  expect(formatSummary(outcome)).toMatch(/\nPASS: no violations found$/)
  const violations = Array.from({ length: 7 }, (_, index) => {
    return { verdict: 'gap', room: 'room-1', what: `number ${index}` } as const
  })
  const summary = formatSummary({ ...outcome, violations })
  expect(summary).toContain('\nFAIL: 7 violations\n  7 × gap: a position of the log without an entry\n')
  expect(summary).toContain('\n    room-1: number 4')
  expect(summary).not.toContain('number 5')
})

test('progress in one line', () => {
  const progress = { acknowledged: 1234, faults: 2, of: 9, doing: 'sending' }
  expect(formatProgress(progress, options)).toBe('1,234 of 1,000,000 acknowledged, 2 of 9 faults: sending')
  expect(formatProgress({ ...progress, of: 0, doing: 'judging' }, options)).toBe(
    '1,234 of 1,000,000 acknowledged: judging',
  )
})
