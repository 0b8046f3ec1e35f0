import { describe, expect, test } from 'vitest'
import { ConnectionLimits } from './connection-limits.ts'

const NONE = Number.POSITIVE_INFINITY
const BUDGET = { isExceeded: false }

describe('ConnectionLimits', () => {
  test('accepts every connection without a limit', () => {
    const limits = new ConnectionLimits({ maxSockets: NONE, maxSocketsPerAddress: NONE }, BUDGET)
    for (let i = 0; i < 1000; i++) expect(limits.enter('192.0.2.1')).toBe(undefined)
  })

  test('rejects with 503 at maxSockets, until a connection leaves', () => {
    const limits = new ConnectionLimits({ maxSockets: 2, maxSocketsPerAddress: NONE }, BUDGET)
    expect(limits.enter('192.0.2.1')).toBe(undefined)
    expect(limits.enter('192.0.2.2')).toBe(undefined)
    expect(limits.enter('192.0.2.3')).toMatchObject({ status: 503, headers: [['Retry-After', '5']] })
    limits.leave('192.0.2.1')
    expect(limits.enter('192.0.2.3')).toBe(undefined)
    expect(limits.enter('192.0.2.4')).toMatchObject({ status: 503 })
  })

  test('rejects with 503 while the budget of the buffers is exceeded', () => {
    const budget = { isExceeded: true }
    const limits = new ConnectionLimits({ maxSockets: 1, maxSocketsPerAddress: NONE }, budget)
    expect(limits.enter('192.0.2.1')).toMatchObject({ status: 503, headers: [['Retry-After', '5']] })
    budget.isExceeded = false
    expect(limits.enter('192.0.2.1')).toBe(undefined)
  })

  test('rejects with 429 only the address that is at maxSocketsPerAddress', () => {
    const limits = new ConnectionLimits({ maxSockets: NONE, maxSocketsPerAddress: 2 }, BUDGET)
    limits.enter('192.0.2.1')
    limits.enter('::ffff:192.0.2.1')
    expect(limits.enter('192.0.2.1')).toMatchObject({ status: 429, headers: [['Retry-After', '5']] })
    expect(limits.enter('192.0.2.2')).toBe(undefined)
    limits.leave('192.0.2.1')
    expect(limits.enter('192.0.2.1')).toBe(undefined)
    expect(limits.enter('192.0.2.1')).toMatchObject({ status: 429 })
  })

  test('counts the addresses of an IPv6 /64 as one', () => {
    const limits = new ConnectionLimits({ maxSockets: NONE, maxSocketsPerAddress: 1 }, BUDGET)
    expect(limits.enter('2001:db8::1')).toBe(undefined)
    expect(limits.enter('2001:db8::2')).toMatchObject({ status: 429 })
    expect(limits.enter('2001:db8:0:1::2')).toBe(undefined)
  })

  test('does not count rejected connections', () => {
    const limits = new ConnectionLimits({ maxSockets: 2, maxSocketsPerAddress: 1 }, BUDGET)
    limits.enter('192.0.2.1')
    for (let i = 0; i < 5; i++) expect(limits.enter('192.0.2.1')).toMatchObject({ status: 429 })
    expect(limits.enter('192.0.2.2')).toBe(undefined)
  })
})
