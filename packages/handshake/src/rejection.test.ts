import { expect, test } from 'vitest'
import { reject } from './rejection.ts'

test('reject returns the response as plain data', () => {
  const headers = new Map([['Retry-After', '5']])
  expect(reject(503, 'The server is going down', headers)).toEqual({
    ok: false,
    status: 503,
    headers: [['Retry-After', '5']],
    body: 'The server is going down',
  })
  expect(reject(404, '').headers).toEqual([])
  expect([reject(200, '').status, reject(599, '').status]).toEqual([200, 599])
})

test.each([101, 199, 600, 404.5, NaN, '404' as never])('throws for the status %j', status => {
  expect(() => reject(status, '')).toThrow(RangeError)
})

test.each([204, 205, 304])('accepts %j only without a body', status => {
  expect(reject(status, '').status).toBe(status)
  expect(() => reject(status, 'x')).toThrow(TypeError)
})

test('throws for invalid headers', () => {
  expect(() => reject(400, '', [['X', 'a\r\nb']])).toThrow(TypeError)
  expect(() => reject(400, '', [['content-Length', '0']])).toThrow(TypeError)
  expect(() => reject(400, '', [['Transfer-Encoding', 'chunked']])).toThrow(TypeError)
})
