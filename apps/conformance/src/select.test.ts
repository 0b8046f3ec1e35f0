import { expect, test } from 'vitest'
import { selectCases } from './select.ts'

const ids = (...args: Parameters<typeof selectCases>) => selectCases(...args).map(({ id }) => id)

test('a pattern is an id, or has * for any text', () => {
  expect(ids('server', { only: ['5.20'] })).toEqual(['5.20'])
  expect(ids('server', { only: ['1.1.*', '10.*'] })).toHaveLength(9)
  expect(ids('server', { only: ['*.1'] })).toContain('13.7.1')
})

test('dots match dots only', () => {
  expect(() => ids('server', { only: ['1.1'] })).toThrow(
    'no case for a server matches "1.1"; ws-conformance cases lists them',
  )
})

test('exclusion wins over inclusion, and the order is that of the ids', () => {
  expect(ids('server', { only: ['2.*'], exclude: ['2.1*', '2.2'] })).toEqual([
    '2.3',
    '2.4',
    '2.5',
    '2.6',
    '2.7',
    '2.8',
    '2.9',
  ])
})

test('cases for the other role are left out, and optional ones unless they are asked for', () => {
  expect(ids('server', {}).some(id => id.startsWith('K'))).toBe(false)
  expect(ids('client', {}).some(id => id.startsWith('K') || id.startsWith('H'))).toBe(false)
  expect(ids('client', { only: ['K1.*'] })).toHaveLength(4)
  expect(ids('client', {}).filter(id => /^\d/.test(id))).toHaveLength(517)
})
