import { expect, test } from 'vitest'
import { readRedisAddress } from './address.ts'

test.each([
  ['redis://host', 'redis://host:6379/0', 0],
  ['redis://host/', 'redis://host:6379/0', 0],
  ['redis://host:1/2', 'redis://host:1/2', 2],
  ['redis://host/007', 'redis://host:6379/7', 7],
  ['rediss://user:p%40ss@host:1', 'rediss://host:1/0', 0],
  ['redis://:pass@[::1]:1/3', 'redis://[::1]:1/3', 3],
])('%s is %s', (url, name, database) => {
  expect(readRedisAddress(url)).toMatchObject({ name, database })
})

test('the printed address has no user and no password', () => {
  const { name, url } = readRedisAddress('redis://ann:secret@host')!
  expect(name).not.toMatch(/ann|secret/)
  expect(url).toContain('ann:secret')
})
