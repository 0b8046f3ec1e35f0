import { describe, expect, test } from 'vitest'
import { SlotList } from './slot-list.ts'

describe('SlotList', () => {
  test('has those who came and have not left', () => {
    const slots = new SlotList<{ name: string }>()
    const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
    slots.add(a)
    const place = slots.add(b)
    expect([...slots]).toEqual([a, b])
    expect(slots.size).toBe(2)
    slots.delete(place)
    expect([...slots]).toEqual([a])
    expect(slots.size).toBe(1)
    expect(slots.add(c)).toBe(place)
    expect([...slots]).toEqual([a, c])
  })

  test('who leaves while they are called is left out, and nobody else', () => {
    const slots = new SlotList<{ readonly index: number }>()
    const places = Array.from({ length: 6 }, (_, index) => slots.add({ index }))
    const called: number[] = []
    for (const { index } of slots) {
      called.push(index)
      if (index === 2) for (const gone of [0, 2, 4]) slots.delete(places[gone]!)
    }
    expect(called).toEqual([0, 1, 2, 3, 5])
    expect(slots.size).toBe(3)
  })
})
