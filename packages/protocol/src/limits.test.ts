import { onV8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { checkLimits, checkWhole, DEFAULT_LIMITS, type Limits, MessageAccount } from './limits.ts'

describe('R12: options', () => {
  test('that are left out, or undefined, have their defaults', () => {
    expect(checkLimits()).toEqual(DEFAULT_LIMITS)
    expect(checkLimits({ maxFragments: undefined } as unknown as Partial<Limits>)).toEqual(DEFAULT_LIMITS)
    expect(checkLimits({ maxMessageSize: 1 })).toEqual({ ...DEFAULT_LIMITS, maxMessageSize: 1 })
  })

  test('can be as large as makes sense', () => {
    const largest = {
      maxMessageSize: 2 ** 29 - 24,
      maxFragments: 2 ** 31 - 1,
      messageTimeout: Number.POSITIVE_INFINITY,
      closeTimeout: 0.5,
    }
    expect(checkLimits(largest)).toEqual(largest)
  })

  onV8(test)('the largest message is the longest string', () => {
    expect('x'.repeat(2 ** 29 - 24)).toHaveLength(536_870_888)
    expect(() => 'x'.repeat(2 ** 29 - 23)).toThrow(RangeError)
  })

  describe.each(['maxMessageSize', 'maxFragments'] as const)('%s', name => {
    const most = name === 'maxMessageSize' ? 536_870_888 : 2_147_483_647

    test.each([2 ** 32, Number.NaN, -1, 0, 1.5, Number.POSITIVE_INFINITY, most + 1])(
      'cannot be %d',
      value => {
        const say = `${name} must be a whole number from 1 to ${most}, not ${value}`
        expect(() => checkLimits({ [name]: value })).toThrow(new RangeError(say))
      },
    )

    test.each(['1', null, true, 1n])('cannot be %s', value => {
      const say = `${name} must be a number, not ${typeof value}`
      expect(() => checkLimits({ [name]: value })).toThrow(new TypeError(say))
    })
  })

  describe.each(['messageTimeout', 'closeTimeout'] as const)('%s', name => {
    test.each([Number.NaN, -1, 0])('cannot be %d', value => {
      const say = `${name} must be more than 0 milliseconds, or Infinity, not ${value}`
      expect(() => checkLimits({ [name]: value })).toThrow(new RangeError(say))
    })

    test('cannot be a string', () => {
      const say = `${name} must be a number of milliseconds, not string`
      expect(() => checkLimits({ [name]: '1' })).toThrow(new TypeError(say))
    })
  })
})

describe('the account of a message', () => {
  const limits = checkLimits({ maxMessageSize: 1000, maxFragments: 3, messageTimeout: 100 })

  test('counts what frames announce', () => {
    const account = new MessageAccount(limits, false)
    account.countFrame(600, false)
    account.countFrame(400, false)
    expect(account.announced).toBe(1000)
    expect(() => account.countFrame(1, false)).toThrow(
      expect.objectContaining({
        closeCode: 1009,
        message: 'message longer than 1000 bytes (RFC 6455 §7.4.1)',
      }),
    )
  })

  test('counts frames, empty ones too', () => {
    const account = new MessageAccount(limits, false)
    for (let i = 0; i < 3; i++) account.countFrame(0, false)
    expect(() => account.countFrame(0, false)).toThrow(
      expect.objectContaining({
        closeCode: 1008,
        message: 'message of more than 3 fragments (RFC 6455 §10.4)',
      }),
    )
  })

  test('counts what an extension makes, and leaves room for what it failed to make smaller', () => {
    const account = new MessageAccount(limits, false)
    account.countFrame(1000 + 62 + 1024, true)
    expect(account.room).toBe(1000)
    account.countProduced(999)
    expect(account.room).toBe(1)
    account.countProduced(1)
    expect(() => account.countProduced(1)).toThrow(expect.objectContaining({ closeCode: 1009 }))
    expect(() => account.countFrame(1, true)).toThrow(expect.objectContaining({ closeCode: 1009 }))
  })

  test('G9: that room is right for streams above 4 GiB', () => {
    const account = new MessageAccount(limits, true, 2 ** 36)
    account.countFrame(2 ** 36 + 2 ** 32, true)
    expect(() => account.countFrame(2000, true)).toThrow(expect.objectContaining({ closeCode: 1009 }))
  })

  test('of a message that is there as a whole only the size counts', () => {
    checkWhole(limits, 1000)
    expect(() => checkWhole(limits, 1001)).toThrow(
      expect.objectContaining({
        closeCode: 1009,
        message: 'message longer than 1000 bytes (RFC 6455 §7.4.1)',
      }),
    )
  })

  test('G9: takes the size that a stream wants in place of its own, if it is one', () => {
    const accountOf = (size: number) => new MessageAccount(limits, true, size)
    expect(accountOf(2000).maxSize).toBe(2000)
    expect(() => accountOf(0).countFrame(1, false)).toThrow(expect.objectContaining({ closeCode: 1009 }))
    accountOf(Number.POSITIVE_INFINITY).countFrame(Number.MAX_SAFE_INTEGER, false)
    for (const size of [Number.NaN, -1]) {
      const say = `maxSize of a stream must be 0 or more bytes, or Infinity, not ${size}`
      expect(() => accountOf(size)).toThrow(new RangeError(say))
    }
    expect(() => accountOf('9' as unknown as number)).toThrow(
      new TypeError('maxSize of a stream must be a number of bytes, not string'),
    )
  })

  test('is over time when the message is not complete in time', () => {
    const account = new MessageAccount(limits, false)
    account.tick(2000, 1000, false)
    account.progress()
    account.tick(2099, 99, false)
    expect(() => account.tick(2100, 1, false)).toThrow(
      expect.objectContaining({
        closeCode: 1008,
        message: 'message not complete after 100 ms (RFC 6455 §10.4)',
      }),
    )
  })

  test('gives a streamed message its time anew with every piece', () => {
    const account = new MessageAccount(limits, true)
    account.tick(0, 0, false)
    account.progress()
    account.tick(100, 100, false)
    account.tick(199, 99, false)
    expect(() => account.tick(200, 1, false)).toThrow(expect.objectContaining({ closeCode: 1008 }))
  })
})
