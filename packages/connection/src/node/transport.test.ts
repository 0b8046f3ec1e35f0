import { duplexPair, PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { isClosed, isOwned, takeOwnership } from './transport.ts'

describe('takeOwnership', () => {
  test('H27: takes ownership of a transport once, and throws the second time', () => {
    const transport = new PassThrough()
    expect(isOwned(transport)).toBe(false)
    takeOwnership(transport)
    expect(isOwned(transport)).toBe(true)
    expect(() => takeOwnership(transport)).toThrow('the transport is already in use by a WebSocket')
  })

  test('keeps later errors of the transport from reaching the process', async () => {
    const transport = new PassThrough()
    takeOwnership(transport)
    const closed = new Promise(resolve => transport.on('close', resolve))
    transport.destroy(new Error('reset'))
    await closed
  })

  test('disables the Nagle algorithm and the idle timeout of a socket', () => {
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
  test('is true once the peer has ended its side, or the transport is destroyed or ended', async () => {
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
