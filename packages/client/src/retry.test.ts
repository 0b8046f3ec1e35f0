import type { CloseInfo } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import { ConnectError, HandshakeError } from './errors.ts'
import { defaultDelay } from './retry.ts'

function closed(code: number): CloseInfo {
  return { code, reason: '', wasClean: true, by: 'peer' }
}

function rejected(status: number, headers: Record<string, string> = {}): HandshakeError {
  const response = new Response(null, { status, headers })
  return new HandshakeError('rejected', { code: 'ERR_WS_REJECTED', response })
}

const unreachable = new ConnectError('unreachable', { code: 'ERR_WS_CONNECT' })
const longest = (): number => 1

describe('defaultDelay', () => {
  test('doubles its upper limit from half a second to 30 seconds', () => {
    const limits = [1, 2, 3, 4, 5, 6, 7, 8, 2000].map(attempt => defaultDelay(unreachable, attempt, longest))
    expect(limits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  })

  test('is random from 0 to the limit', () => {
    expect(defaultDelay(unreachable, 3, () => 0)).toBe(0)
    expect(defaultDelay(unreachable, 3, () => 0.25)).toBe(500)
    const delays = Array.from({ length: 100 }, () => defaultDelay(unreachable, 1))
    expect(new Set(delays).size).toBeGreaterThan(50)
  })

  test.each([1000, 1002, 1003, 1007, 1008, 1009, 1010])('gives up after a close with %i', code => {
    expect(defaultDelay(closed(code), 1, longest)).toBe(false)
  })

  test.each([1001, 1005, 1006, 1011, 1014, 1015, 3000, 4001])('goes on after a close with %i', code => {
    expect(defaultDelay(closed(code), 1, longest)).toBe(500)
  })

  test.each([1012, 1013])('waits 5 to 30 seconds after a close with %i', code => {
    expect(defaultDelay(closed(code), 1, () => 0)).toBe(5000)
    expect(defaultDelay(closed(code), 9, longest)).toBe(30_000)
  })

  test.each([400, 401, 403, 404, 410, 426, 499])('gives up after %i', status => {
    expect(defaultDelay(rejected(status), 1, longest)).toBe(false)
  })

  test.each([408, 425, 429, 500, 502, 503, 200, 302])('goes on after %i', status => {
    expect(defaultDelay(rejected(status), 1, longest)).toBe(500)
  })

  test('goes on without a response', () => {
    expect(defaultDelay(new HandshakeError('no', { code: 'ERR_WS_INVALID_RESPONSE' }), 2, longest)).toBe(1000)
  })

  test('waits as Retry-After says, up to 5 minutes, and no shorter than without it', () => {
    const delayFor = (value: string, attempt = 1): unknown =>
      defaultDelay(rejected(503, { 'retry-after': value }), attempt, longest)
    expect(delayFor('7')).toBe(7000)
    expect(delayFor('7', 6)).toBe(16_000)
    expect(delayFor('0')).toBe(500)
    expect(delayFor('86400')).toBe(300_000)
    expect(delayFor(new Date(Date.now() - 5000).toUTCString())).toBe(500)
    const soon = delayFor(new Date(Date.now() + 60_000).toUTCString())
    expect(soon).toBeGreaterThan(55_000)
    expect(soon).toBeLessThanOrEqual(60_000)
    expect(delayFor('soon')).toBe(500)
    expect(delayFor('-1')).toBe(500)
  })
})
