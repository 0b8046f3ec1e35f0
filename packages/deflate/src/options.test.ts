import { describe, expect, test } from 'vitest'
import { checkOptions } from './options.ts'

test('missing options get their defaults', () => {
  expect(checkOptions({})).toEqual({
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 12,
    clientMaxWindowBits: 12,
    threshold: 1024,
    level: 3,
    memLevel: 5,
    concurrency: 4,
  })
})

test('valid options are kept', () => {
  const least = {
    serverNoContextTakeover: true,
    clientNoContextTakeover: false,
    serverMaxWindowBits: 8,
    clientMaxWindowBits: 15,
    threshold: 0,
    level: 1,
    memLevel: 1,
    concurrency: 2,
  }
  const most = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 8,
    threshold: Number.POSITIVE_INFINITY,
    level: 9,
    memLevel: 9,
    concurrency: 10,
  }
  expect(checkOptions(least)).toEqual(least)
  expect(checkOptions(most)).toEqual(most)
})

test('contextTakeover and windowBits apply to the directions that have no option of their own', () => {
  expect(checkOptions({ contextTakeover: true, windowBits: 9 })).toMatchObject({
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: 9,
    clientMaxWindowBits: 9,
  })
  expect(
    checkOptions({
      contextTakeover: true,
      clientNoContextTakeover: true,
      windowBits: 9,
      serverMaxWindowBits: 15,
    }),
  ).toMatchObject({
    serverNoContextTakeover: false,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 9,
  })
})

describe('throws for', () => {
  test.each([
    [null, 'the options must be an object'],
    ['fast', 'the options must be an object'],
    [{ windowbits: 9 }, 'unknown option "windowbits" (did you mean "windowBits"?)'],
    [{ contextTakeover: 'no' }, 'contextTakeover must be true or false, not string'],
    [{ windowBits: 7 }, 'windowBits must be an integer from 8 to 15, not 7'],
    [{ windowBits: 16 }, 'windowBits must be an integer from 8 to 15, not 16'],
    [{ serverMaxWindowBits: 7 }, 'serverMaxWindowBits must be an integer from 8 to 15, not 7'],
    [{ clientMaxWindowBits: 16 }, 'clientMaxWindowBits must be an integer from 8 to 15, not 16'],
    [{ serverNoContextTakeover: 1 }, 'serverNoContextTakeover must be true or false, not number'],
    [{ clientNoContextTakeover: 'x' }, 'clientNoContextTakeover must be true or false, not string'],
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
