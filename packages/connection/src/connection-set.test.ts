import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ConnectionSet, type ConnectionSetMember } from './connection-set.ts'

class Member implements ConnectionSetMember {
  slot = -1
  ticks = 0

  tick(): void {
    this.ticks++
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('ConnectionSet', () => {
  test('ticks its members while it has any', () => {
    const set = new ConnectionSet<Member>(8000)
    const [first, second] = [new Member(), new Member()]
    set.add(first)
    set.add(second)
    vi.advanceTimersByTime(1000)
    set.delete(first)
    vi.advanceTimersByTime(1000)
    expect([first.ticks, second.ticks, set.size]).toEqual([1, 2, 1])
    set.delete(second)
    expect([set.size, vi.getTimerCount()]).toEqual([0, 0])
    set.add(first)
    vi.advanceTimersByTime(1000)
    expect(first.ticks).toBe(2)
  })

  test('iterates over its members, and skips those that are deleted in the meantime', () => {
    const set = new ConnectionSet<Member>(1000)
    const members = [new Member(), new Member(), new Member()]
    for (const member of members) set.add(member)
    const seen: Member[] = []
    for (const member of set) {
      seen.push(member)
      if (member === members[0]) set.delete(members[1]!)
    }
    expect(seen).toEqual([members[0], members[2]])
  })

  test('ticks often enough for the shortest deadline that it serves', () => {
    const set = new ConnectionSet<Member>(8000)
    const member = new Member()
    set.add(member)
    set.serve(800)
    vi.advanceTimersByTime(1000)
    expect(member.ticks).toBe(10)
  })
})
