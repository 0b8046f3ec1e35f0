import { expect, test } from 'vitest'
import { prefersGzip } from './accept-encoding.ts'

test.each([
  'gzip',
  'GZIP',
  'x-gzip',
  'gzip, deflate, br, zstd',
  'br;q=1.0, gzip;q=0.8, *;q=0.1',
  ' gzip ; q=0.001',
  'deflate,\tgzip;q=1.000',
  '*',
  'gzip, identity',
  'identity;q=0.5, gzip',
  'identity;q=0, *',
  'nonsense;;, gzip',
])('gzip for %j', field => expect(prefersGzip(field)).toBe(true))

test.each([
  undefined,
  '',
  'identity',
  'br',
  'gzip;q=0',
  'gzip;q=0.000',
  '*;q=0',
  'gzip;q=0, *',
  'gzip;q=0.5, identity;q=0.6',
  'gzipped',
  'not gzip',
  'gzip;q=2',
  'gzip;q=',
  'gzip;level=9',
  `${' '.repeat(16_000)};`,
])('the file as it is for %j', field => expect(prefersGzip(field)).toBe(false))
