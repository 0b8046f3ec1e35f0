import { expect, test } from 'vitest'
import { KINDS, planFaults } from './schedule.ts'

const options = { seed: 7, nodes: 2, kills: 20, redisKills: 5, hasRedis: true }
const count = (kinds: readonly string[], kind: string) => kinds.filter(each => each === kind).length

test('the same seed gives the same faults, and another seed gives others', () => {
  expect(planFaults(options)).toEqual(planFaults(options))
  expect(planFaults({ ...options, seed: 8 })).not.toEqual(planFaults(options))
})

test('a schedule has the requested number of kills, and some of each other kind', () => {
  const kinds = planFaults(options).map(({ kind }) => kind)
  expect(count(kinds, 'kill node')).toBe(20)
  expect(count(kinds, 'kill Redis')).toBe(5)
  for (const kind of Object.keys(KINDS)) expect(count(kinds, kind)).toBeGreaterThan(0)
})

test('without Redis it has no faults; without kills there are none at all', () => {
  const kinds = planFaults({ ...options, hasRedis: false }).map(({ kind }) => kind)
  expect(kinds.filter(kind => /Redis|partition/.test(kind))).toEqual([])
  expect(planFaults({ ...options, kills: 0, redisKills: 0 })).toEqual([])
})

test('every node is affected in turn, and lasting faults end', () => {
  const faults = planFaults({ ...options, nodes: 3 })
  expect(new Set(faults.map(({ node }) => node))).toEqual(new Set([0, 1, 2]))
  for (const { lasts } of faults) {
    expect(lasts).toBeGreaterThanOrEqual(0)
    expect(lasts).toBeLessThanOrEqual(3500)
  }
})
