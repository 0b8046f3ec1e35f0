// The chat without bugs keeps its guarantees: 20,000 messages under faults on two nodes and Redis,
// fewer on one node, and with a Redis that loses writes, which the epoch reveals.

import { withRedis } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { formatSummary } from '../report/summary.ts'
import { type RunOptions, run } from '../run.ts'
import { journalsOfTest } from './journals.ts'

const SEED = 2026

async function expectKept(how: Omit<RunOptions, 'seed' | 'journals' | 'rooms'>) {
  const outcome = await run({ ...how, rooms: 8, seed: SEED, journals: journalsOfTest() })
  const summary = formatSummary(outcome)
  console.log(summary)
  expect(outcome.violations, summary).toEqual([])
  expect(outcome.counts.acknowledged).toBeGreaterThanOrEqual(how.messages)
  expect(outcome.counts.seen).toBeGreaterThan(2 * how.messages)
  return outcome
}

test('one node with SQLite', { timeout: 180_000 }, async () => {
  const how = { engine: 'sqlite', nodes: 1, redisKills: 0, mayLose: false } as const
  const { faults, counts } = await expectKept({ ...how, messages: 5000, publishers: 64, kills: 3 })
  expect(faults.filter(({ kind }) => kind === 'kill node')).toHaveLength(3)
  expect(counts.lostWithEpoch).toBe(0)
})

withRedis(describe)('two nodes with Redis', () => {
  test('a durable Redis', { timeout: 240_000 }, async () => {
    const how = { engine: 'redis', nodes: 2, kills: 3, redisKills: 2, mayLose: false } as const
    const { faults } = await expectKept({ ...how, messages: 20_000, publishers: 96 })
    expect(faults).toHaveLength(3 + 2 + 6)
  })

  test('a Redis that loses writes: clients that received them are notified', {
    timeout: 120_000,
  }, async () => {
    const how = { engine: 'redis', nodes: 2, kills: 0, redisKills: 2, mayLose: true } as const
    const { counts } = await expectKept({ ...how, messages: 2000, publishers: 64 })
    expect(counts.lostWithEpoch).toBeGreaterThan(0)
    expect(counts.told).toBeGreaterThan(0)
  })
})
