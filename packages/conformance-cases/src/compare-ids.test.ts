import { expect, test } from 'vitest'
import { compareIds } from './compare-ids.ts'

test('ids are compared part by part: numbers by value, and before letters', () => {
  const sorted = ['1.1.1', '1.1.2', '2.9', '2.10', '9.2.1', '13.7.18', 'C1', 'C1.2', 'H2']
  expect(sorted.toReversed().sort(compareIds)).toEqual(sorted)
  expect(compareIds('6.4.1', '6.4.1')).toBe(0)
})
