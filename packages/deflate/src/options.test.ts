import { describe, expect, test } from 'vitest'
import { checkOptions } from './options.ts'

test('missing options get their defaults', () => {
  expect(checkOptions({})).toEqual({
    contextTakeover: false,
    windowBits: 12,
    threshold: 1024,
    level: 3,
    memLevel: 5,
    concurrency: 4,
  })
})

test('valid options are kept', () => {
  const least = {
    contextTakeover: true,
    windowBits: 8,
    threshold: 0,
    level: 1,
    memLevel: 1,
    concurrency: 2,
  }
  const most = {
    contextTakeover: false,
    windowBits: 15,
    threshold: Number.POSITIVE_INFINITY,
    level: 9,
    memLevel: 9,
    concurrency: 10,
  }
  expect(checkOptions(least)).toEqual(least)
  expect(checkOptions(most)).toEqual(most)
})

describe('throws for', () => {
  test.each([
    [null, 'options must be an object'],
    ['fast', 'options must be an object'],
    [{ windowbits: 9 }, 'unknown option windowbits (expected one of contextTakeover, windowBits'],
    [{ contextTakeover: 'no' }, 'contextTakeover must be true or false, not string'],
    [{ windowBits: 7 }, 'windowBits must be an integer from 8 to 15, not 7'],
    [{ windowBits: 16 }, 'windowBits must be an integer from 8 to 15, not 16'],
    [{ windowBits: '12' }, 'windowBits must be a number, not string'],
    [{ level: 0 }, 'level must be an integer from 1 to 9, not 0'],
    [{ level: 1.5 }, 'level must be an integer from 1 to 9, not 1.5'],
    [{ memLevel: 10 }, 'memLevel must be an integer from 1 to 9, not 10'],
    [{ concurrency: 1 }, 'concurrency must be an integer from 2 to 10, not 1'],
    [{ concurrency: Number.NaN }, 'concurrency must be an integer from 2 to 10, not NaN'],
    [{ threshold: -1 }, 'threshold must be an integer from 0, or Infinity, not -1'],
    [{ threshold: '1' }, 'threshold must be a number, not string'],
    [{ threshold: 2 ** 60 }, 'threshold must be an integer from 0, or Infinity'],
  ])('%j', (options, message) => {
    expect(() => checkOptions(options as object)).toThrow(message)
  })
})
