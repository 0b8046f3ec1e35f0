// The checker, checked: a chat with a bug in it is found to have that bug, and one without is not.

import { join } from 'node:path'
import { withRedis } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { Verdict } from '../judge/verdict.ts'
import type { Bug } from '../planted/bugs.ts'
import { countVerdicts, formatSummary } from '../report/summary.ts'
import { type RunOptions, run } from '../run.ts'
import { journalsOfTest } from './journals.ts'

const PROGRAM = join(import.meta.dirname, '../planted/main.ts')

/** A short run with faults. */
const SHORT: Omit<RunOptions, 'journals'> = {
  engine: 'sqlite',
  nodes: 1,
  rooms: 2,
  publishers: 32,
  messages: 1200,
  kills: 2,
  redisKills: 0,
  mayLose: false,
  seed: 11,
}

/** Expects that a chat with the bug has the named violations. */
async function expectFound(bug: Bug, expected: readonly Verdict[], how: Partial<RunOptions> = {}) {
  const journals = journalsOfTest()
  const outcome = await run({ ...SHORT, ...how, journals, program: [PROGRAM, '--bug', bug] })
  const found = countVerdicts(outcome.violations)
  const summary = formatSummary(outcome)
  for (const verdict of expected) expect(found.get(verdict), `${verdict}\n${summary}`).toBeGreaterThan(0)
  return found
}

const calm = { kills: 0 }

describe('on one node', { timeout: 120_000 }, () => {
  test('a chat that acknowledges before it stores has lost messages', async () => {
    await expectFound('acknowledges before storing', ['lost'])
  })

  test('a chat that drops one message in a thousand has lost it', async () => {
    const found = await expectFound('drops one in a thousand', ['lost'], { ...calm, messages: 2500 })
    expect(found.get('lost')).toBe(2)
  })

  test('a chat that stores some messages twice has duplicates', async () => {
    const found = await expectFound('stores twice', ['duplicated'], { ...calm, messages: 1100 })
    expect(found.get('duplicated')).toBe(2)
    expect(found.get('lost')).toBe(0)
  })

  test('a chat that swaps neighbors breaks the order of a publisher, and nothing else', async () => {
    const found = await expectFound('swaps neighbours', ['publisher order'], calm)
    for (const [verdict, count] of found) if (verdict !== 'publisher order') expect(count, verdict).toBe(0)
  })

  test('a chat that resumes off by one is found to skip an entry for resuming clients', async () => {
    await expectFound('resumes off by one', ['missed'])
  })

  test('a chat that forgets client ids on restart is found to store retries twice', async () => {
    await expectFound('forgets client ids on restart', ['duplicated'], { kills: 3 })
  })

  test('a chat that forgets edits is found to return wrong messages, and nothing else', async () => {
    const found = await expectFound('forgets edits', ['misread'], { ...calm, messages: 400 })
    for (const [verdict, count] of found) if (verdict !== 'misread') expect(count, verdict).toBe(0)
  })

  test('a chat that ignores hints is late', async () => {
    const found = await expectFound('ignores hints', ['late'], { ...calm, messages: 600 })
    for (const verdict of ['lost', 'duplicated', 'missed'] as const) expect(found.get(verdict)).toBe(0)
  })
})

withRedis(describe)('on two nodes and Redis', () => {
  test('a chat that keeps the epoch after a loss has two entries at one position', {
    timeout: 120_000,
  }, async () => {
    const how = { engine: 'redis', nodes: 2, kills: 0, redisKills: 2, mayLose: true } as const
    await expectFound('keeps the epoch after a loss', ['rewritten', 'lost'], how)
  })
})
