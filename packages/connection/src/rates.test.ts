import { describe, expect, test } from 'vitest'
import { createRates } from './rates.ts'

const never = { messageRate: undefined, byteRate: undefined, pingRate: undefined }
const once = { perSecond: 0.001, burst: 1 }

describe('createRates', () => {
  test('returns undefined without a limit', () => {
    expect(createRates(never)).toBe(undefined)
  })

  test.each(['messageRate', 'byteRate', 'pingRate'])('returns buckets for %s alone', name => {
    expect(createRates({ ...never, [name]: once })).not.toBe(undefined)
  })
})

describe('Rates', () => {
  test('takes from the bucket of each kind', () => {
    const rates = createRates({ messageRate: once, byteRate: { ...once, burst: 10 }, pingRate: once })!
    expect([rates.takeMessage(), rates.takePing(), rates.takeBytes(4), rates.takeBytes(6)]).toEqual(
      Array(4).fill(true),
    )
    expect(rates.fault).toBe(undefined)
    expect([rates.takeMessage(), rates.takePing(), rates.takeBytes(1)]).toEqual(Array(3).fill(false))
  })

  test('keeps the first fault, with 1008, and then accepts no further bytes', () => {
    const rates = createRates({ ...never, pingRate: once, messageRate: once })!
    expect(rates.takeBytes(1_000_000)).toBe(true)
    rates.takePing()
    rates.takePing()
    const { fault } = rates
    expect(fault).toMatchObject({ closeCode: 1008, message: 'too many pings (RFC 6455 §7.4.1)' })
    expect(rates.takeBytes(1)).toBe(false)
    // Messages that were received before are still delivered.
    expect([rates.takeMessage(), rates.takeMessage()]).toEqual([true, false])
    expect(rates.fault).toBe(fault)
  })
})
