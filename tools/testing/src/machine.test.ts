import { expect, it } from 'vitest'
import { parseCpuList } from './machine.ts'

it.each([
  ['0', [0]],
  ['0-3', [0, 1, 2, 3]],
  ['1,4-5,8', [1, 4, 5, 8]],
])('the cores %s', (list, expected) => {
  expect(parseCpuList(list)).toEqual(expected)
})
