import { describe, expect, test } from 'vitest'
import { checkLimits } from '../limits.ts'
import { checkMessageSize, MessageAccount } from './message-account.ts'

describe('the account of a message', () => {
  const limits = checkLimits({ maxMessageSize: 1000, maxFragments: 3, messageTimeout: 100 })

  test('counts the bytes that frames announce', () => {
    const account = new MessageAccount(limits, false)
    account.countFrame(600, false)
    account.countFrame(400, false)
    expect(account.expectedSize).toBe(1000)
    expect(() => account.countFrame(1, false)).toThrow(
      expect.objectContaining({
        closeCode: 1009,
        message: 'message longer than 1000 bytes (RFC 6455 §7.4.1)',
      }),
    )
  })

  test('expects the announced bytes, and from the last frame on no others', () => {
    const account = new MessageAccount(limits, false)
    account.countFrame(600, false)
    expect(account).toMatchObject({ expectedSize: 600, reachableSize: 1000 })
    account.countFrame(200, true)
    expect(account).toMatchObject({ expectedSize: 800, reachableSize: 800 })
  })

  test('expects the largest message once an extension has produced more than 64 KiB', () => {
    const large = checkLimits({ maxMessageSize: 2 ** 20 })
    const account = new MessageAccount(large, true)
    account.countFrame(100, true)
    expect(account).toMatchObject({ expectedSize: 0, reachableSize: 2 ** 20 })
    account.countProduced(64 * 1024)
    expect(account.expectedSize).toBe(0)
    account.countProduced(1)
    expect(account).toMatchObject({ expectedSize: 2 ** 20, reachableSize: 2 ** 20 })
  })

  test('counts frames, including empty ones', () => {
    const account = new MessageAccount(limits, false)
    for (let i = 0; i < 3; i++) account.countFrame(0, false)
    expect(() => account.countFrame(0, false)).toThrow(
      expect.objectContaining({
        closeCode: 1008,
        message: 'message of more than 3 fragments (RFC 6455 §10.4)',
      }),
    )
  })

  test('counts the output of an extension, and allows for data that it could not compress', () => {
    const account = new MessageAccount(limits, true)
    account.countFrame(1000 + 62 + 1024, false)
    expect(account.room).toBe(1000)
    account.countProduced(999)
    expect(account.room).toBe(1)
    account.countProduced(1)
    expect(() => account.countProduced(1)).toThrow(expect.objectContaining({ closeCode: 1009 }))
    expect(() => account.countFrame(1, false)).toThrow(expect.objectContaining({ closeCode: 1009 }))
  })

  test('G9: allows for such data in streams above 4 GiB', () => {
    const account = new MessageAccount(limits, true, 2 ** 36)
    account.countFrame(2 ** 36 + 2 ** 32, false)
    expect(() => account.countFrame(2000, false)).toThrow(expect.objectContaining({ closeCode: 1009 }))
  })

  test('checks only the size of a whole message', () => {
    checkMessageSize(limits, 1000)
    expect(() => checkMessageSize(limits, 1001)).toThrow(
      expect.objectContaining({
        closeCode: 1009,
        message: 'message longer than 1000 bytes (RFC 6455 §7.4.1)',
      }),
    )
  })

  test('G9: accepts a valid maxSize of a stream instead of maxMessageSize', () => {
    const accountOf = (size: number) => new MessageAccount(limits, false, size)
    expect(accountOf(2000).reachableSize).toBe(2000)
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

  test('throws 1008 when the message is not complete in time', () => {
    const account = new MessageAccount(limits, false)
    account.tick(2000, 1000, false)
    account.tick(2099, 99, false)
    expect(() => account.tick(2100, 1, false)).toThrow(
      expect.objectContaining({
        closeCode: 1008,
        message: 'message not complete after 100 ms (RFC 6455 §10.4)',
      }),
    )
  })

  test('restarts the deadline when there is progress', () => {
    const account = new MessageAccount(limits, false)
    account.tick(0, 0, false)
    account.progress()
    account.tick(100, 100, false)
    account.tick(199, 99, false)
    expect(() => account.tick(200, 1, false)).toThrow(expect.objectContaining({ closeCode: 1008 }))
  })
})
