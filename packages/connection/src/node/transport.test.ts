import { duplexPair, PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { isClosed, isOwned, takeOwnership } from './transport.ts'

describe('takeOwnership', () => {
  test('H27: takes charge of a transport once', () => {
    const transport = new PassThrough()
    expect(isOwned(transport)).toBe(false)
    takeOwnership(transport)
    expect(isOwned(transport)).toBe(true)
    expect(() => takeOwnership(transport)).toThrow('handleUpgrade may be called once for each')
  })

  test('I4: from then on no error of it reaches the process', async () => {
    const transport = new PassThrough()
    takeOwnership(transport)
    const closed = new Promise(resolve => transport.on('close', resolve))
    transport.destroy(new Error('reset'))
    await closed
  })

  test('lets small packets go at once and switches off the idle timer, where the transport is a socket', () => {
    const called: unknown[] = []
    const transport = Object.assign(new PassThrough(), {
      setNoDelay: (on: boolean) => called.push(on),
      setTimeout: (timeout: number) => called.push(timeout),
    })
    takeOwnership(transport)
    expect(called).toEqual([true, 0])
  })
})

describe('isClosed', () => {
  test('is said of a peer that has ended its side, and of a transport that is gone', async () => {
    const [ours, theirs] = duplexPair()
    expect(isClosed(ours)).toBe(false)
    theirs.end()
    await text(ours)
    expect(isClosed(ours)).toBe(true)

    const destroyed = new PassThrough()
    destroyed.destroy()
    expect(isClosed(destroyed)).toBe(true)

    const [ended] = duplexPair()
    ended.end()
    expect(isClosed(ended)).toBe(true)
  })
})
