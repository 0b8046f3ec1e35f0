import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LocalAllowances } from '../engine/local-allowances.ts'
import { ReadAllowance } from './read-allowance.ts'

/** Of an address; a connection has 100 at once and 25 a second. */
const RATE = { burst: 800, perSecond: 100 }

let now = 0
beforeEach(() => {
  now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => vi.restoreAllMocks())

function setUp() {
  const allowances = new LocalAllowances(() => now)
  return (addressGroup: string, network = addressGroup) =>
    new ReadAllowance('read', { addressGroup, network }, { allowances, limits: { reads: RATE } })
}

test('a connection may read its share, and then waits', () => {
  const allowance = setUp()('a')
  expect(allowance.wait()).toBe(0)
  allowance.charge(150)
  expect(allowance.wait()).toBeGreaterThan(2000)
  now += 2100
  expect(allowance.wait()).toBe(0)
})

test('the connections of an address share its allowance, and other addresses have their own', () => {
  const make = setUp()
  const crowd = Array.from({ length: 8 }, () => make('a'))
  for (const allowance of crowd) allowance.charge(100)
  expect(make('a').wait()).toBeGreaterThan(0)
  expect(make('b').wait()).toBe(0)
  now += 100
  expect(make('a').wait()).toBe(0)
})

test('a debt is not larger than the burst, so that everyone can read again', () => {
  const make = setUp()
  make('a').charge(1_000_000)
  now += 8100
  expect(make('a').wait()).toBe(0)
})

test('the addresses of a network share four times the allowance', () => {
  const make = setUp()
  for (let i = 0; i < 4; i++) make(`a${i}`, 'a').charge(800)
  expect(make('a4', 'a').wait()).toBeGreaterThan(0)
  expect(make('b4', 'b').wait()).toBe(0)
})
