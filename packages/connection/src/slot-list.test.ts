import { describe, expect, test } from 'vitest'
import { SlotList } from './slot-list.ts'

describe('SlotList', () => {
  test('contains the members that were added and not deleted, and reuses free slots', () => {
    const slots = new SlotList<{ name: string }>()
    const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
    slots.add(a)
    const slot = slots.add(b)
    expect([...slots]).toEqual([a, b])
    expect(slots.size).toBe(2)
    slots.delete(slot)
    expect([...slots]).toEqual([a])
    expect(slots.size).toBe(1)
    expect(slots.add(c)).toBe(slot)
    expect([...slots]).toEqual([a, c])
  })

  test('skips only the members that are deleted during an iteration', () => {
    const slots = new SlotList<{ readonly index: number }>()
    const numbers = Array.from({ length: 6 }, (_, index) => slots.add({ index }))
    const visited: number[] = []
    for (const { index } of slots) {
      visited.push(index)
      if (index === 2) for (const deleted of [0, 2, 4]) slots.delete(numbers[deleted]!)
    }
    expect(visited).toEqual([0, 1, 2, 3, 5])
    expect(slots.size).toBe(3)
  })
})
