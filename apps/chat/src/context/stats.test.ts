import { expect, test } from 'vitest'
import { Counts, PUBLISH_CLASSES } from './stats.ts'

test('everything begins at 0', () => {
  const counted = new Counts().read()
  expect(Object.keys(counted)).toContain('error_rate_limited')
  expect(Object.values(counted).every(value => value === 0)).toBe(true)
})

test('counters add up, and earlier readings do not change', () => {
  const counts = new Counts()
  counts.add('gaps')
  const before = counts.read()
  counts.add('gaps')
  counts.add('error_busy')
  expect(before).toMatchObject({ gaps: 1, error_busy: 0 })
  expect(counts.read()).toMatchObject({ gaps: 2, error_busy: 1 })
})

test('publishing is counted by kind, and by duration in each class that is as long or longer', () => {
  const counts = new Counts()
  counts.published('msg', 0.4)
  counts.published('msg', 5)
  counts.published('edit', 5.1)
  counts.published('mod', 9999)
  const counted = counts.read()
  expect(counted).toMatchObject({ published_msg: 2, published_edit: 1, published_mod: 1, published_del: 0 })
  expect(counted.publish_count).toBe(4)
  expect(counted.publish_ms).toBeCloseTo(10_009.5)
  expect(PUBLISH_CLASSES.map(end => counted[`publish_le_${end}`])).toEqual([1, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3])
})
