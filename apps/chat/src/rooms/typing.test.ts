import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TIMES } from '../context/options.ts'
import type { TypingPush } from '../wire/messages.ts'
import { Typing } from './typing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const ANN = { id: 'a', nick: 'Ann' }

function setUp() {
  const told: { readonly user: string; readonly on: boolean; readonly except: string }[] = []
  const broadcast = ({ user, on }: TypingPush, except: string) =>
    void told.push({ user: user.id, on, except })
  return { typing: new Typing(TIMES, { name: 'lobby', broadcast }), told }
}

test('typing is reported once in three seconds, and its end once', () => {
  const { typing } = setUp()
  expect(typing.isNews('a', true, 0)).toBe(true)
  expect(typing.isNews('a', true, 2999)).toBe(false)
  expect(typing.isNews('b', true, 2999)).toBe(true)
  expect(typing.isNews('a', true, 3000)).toBe(true)
  expect(typing.isNews('a', false, 3001)).toBe(true)
  expect(typing.isNews('a', false, 3002)).toBe(false)
  expect(typing.isNews('a', true, 3003)).toBe(true)
})

test('typing is sent to all other users, and ends six seconds after the last report', () => {
  const { typing, told } = setUp()
  typing.heard(ANN, true)
  expect(told).toEqual([{ user: 'a', on: true, except: 'a' }])
  vi.advanceTimersByTime(4000)
  typing.heard(ANN, true)
  vi.advanceTimersByTime(5999)
  expect(told).toHaveLength(2)
  vi.advanceTimersByTime(1)
  expect(told.at(-1)).toEqual({ user: 'a', on: false, except: 'a' })
  expect(vi.getTimerCount()).toBe(0)
})

test('the end of typing is sent at once, but only for users who were typing', () => {
  const { typing, told } = setUp()
  typing.heard(ANN, false)
  expect(told).toEqual([])
  typing.heard(ANN, true)
  typing.heard(ANN, false)
  typing.heard(ANN, false)
  expect(told.map(({ on }) => on)).toEqual([true, false])
})

test('sending a message clears the typing indicator without a broadcast', () => {
  const { typing, told } = setUp()
  expect(typing.isNews('a', true, 0)).toBe(true)
  typing.heard(ANN, true)
  typing.forget('a')
  vi.advanceTimersByTime(10_000)
  expect(told.map(({ on }) => on)).toEqual([true])
  expect(typing.isNews('a', true, 1)).toBe(true)
})

test('200 users at a time are announced, others after one of them stops', () => {
  const { typing, told } = setUp()
  for (let i = 0; i < 201; i++) typing.heard({ id: `${i}`, nick: `Nick ${i}` }, true)
  expect(told).toHaveLength(200)
  expect(vi.getTimerCount()).toBe(200)
  typing.heard({ id: '0', nick: 'Nick 0' }, false)
  typing.heard({ id: '200', nick: 'Nick 200' }, true)
  expect(told.at(-1)).toMatchObject({ user: '200', on: true })
})

test('a closed room announces nothing', () => {
  const { typing, told } = setUp()
  typing.heard(ANN, true)
  typing.close()
  vi.advanceTimersByTime(10_000)
  expect(told).toHaveLength(1)
})
