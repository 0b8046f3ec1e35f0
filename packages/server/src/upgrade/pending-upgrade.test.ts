import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import { utf8 } from '@ws/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Interruption, PendingUpgrade } from './pending-upgrade.ts'

const NOTHING = new Uint8Array(0)
const LISTENED = ['data', 'end', 'close'] as const

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

function start(head: Uint8Array = NOTHING) {
  const [ours, theirs] = duplexPair()
  const interruptions: Interruption[] = []
  const pending = new PendingUpgrade(ours, head, 1000, why => interruptions.push(why))
  const listeners = (): number[] => LISTENED.map(name => ours.listenerCount(name))
  return { ours, theirs, interruptions, pending, listeners }
}

async function send({ ours, theirs }: ReturnType<typeof start>, bytes: Uint8Array): Promise<void> {
  const arrived = once(ours, 'data')
  theirs.write(bytes)
  await arrived
}

describe('PendingUpgrade.settle', () => {
  test('returns no bytes if none were received', () => {
    const { pending } = start()
    expect(pending.settle()).toHaveLength(0)
  })

  test('returns the bytes received with the request without a copy', () => {
    const head = utf8('head')
    expect(start(head).pending.settle()).toBe(head)
  })

  test('returns all received bytes in order', async () => {
    const waiting = start(utf8('a'))
    await send(waiting, utf8('b'))
    await send(waiting, utf8('c'))
    expect(Buffer.from(waiting.pending.settle()!).toString()).toBe('abc')
  })

  test('leaves the transport paused, without listeners or timers, and later bytes unread', async () => {
    const waiting = start()
    const { ours, theirs, pending, listeners } = waiting
    const before = listeners()
    pending.settle()
    expect(listeners()).toEqual(before.map(count => count - 1))
    expect(vi.getTimerCount()).toBe(0)
    expect(ours.isPaused()).toBe(true)
    theirs.write('later')
    const [later] = (await Promise.all([once(ours, 'data'), ours.resume()]))[0]
    expect(String(later)).toBe('later')
    expect(pending.settle()).toBe(undefined)
  })
})

describe('PendingUpgrade interruption', () => {
  test("is reported once as 'late' at the timeout, and settle then returns undefined", () => {
    const { interruptions, pending } = start()
    vi.advanceTimersByTime(999)
    expect(interruptions).toEqual([])
    vi.advanceTimersByTime(1)
    expect(interruptions).toEqual(['late'])
    pending.interrupt('left')
    expect(pending.settle()).toBe(undefined)
    expect(interruptions).toEqual(['late'])
  })

  test("T5: is reported as 'left' when the client ends its side", async () => {
    const { ours, theirs, interruptions, pending } = start()
    const ended = once(ours, 'end')
    theirs.end()
    await ended
    expect(interruptions).toEqual(['left'])
    expect(pending.settle()).toBe(undefined)
    expect(vi.getTimerCount()).toBe(0)
  })

  test("T4: is reported as 'left' when the transport is destroyed", async () => {
    const { ours, interruptions } = start()
    const closed = once(ours, 'close')
    ours.destroy()
    await closed
    expect(interruptions).toEqual(['left'])
  })

  test('is not reported after settling', async () => {
    const { ours, interruptions, pending } = start()
    pending.settle()
    const closed = once(ours, 'close')
    ours.destroy()
    await closed
    vi.advanceTimersByTime(5000)
    pending.interrupt('late')
    expect(interruptions).toEqual([])
  })

  test('is reported with the reason passed to interrupt', () => {
    const { interruptions, pending } = start()
    pending.interrupt('late')
    expect(interruptions).toEqual(['late'])
  })
})

test('pauses reading at 64 KiB, bytes received with the request included', async () => {
  const waiting = start(new Uint8Array(60 * 1024))
  await send(waiting, new Uint8Array(4095))
  expect(waiting.ours.isPaused()).toBe(false)
  await send(waiting, new Uint8Array(1))
  expect(waiting.ours.isPaused()).toBe(true)
  expect(waiting.pending.settle()).toHaveLength(64 * 1024)
})

test('does not start reading if 64 KiB were received with the request', () => {
  const { ours } = start(new Uint8Array(64 * 1024))
  expect(ours.isPaused()).toBe(true)
})
