import { describe, expect, test } from 'vitest'
import { Roster } from './roster.ts'

describe('Roster', () => {
  test('has those who came and have not left', () => {
    const roster = new Roster<{ name: string }>()
    const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
    roster.add(a)
    const place = roster.add(b)
    expect([...roster]).toEqual([a, b])
    expect(roster.size).toBe(2)
    roster.delete(place)
    expect([...roster]).toEqual([a])
    expect(roster.size).toBe(1)
    expect(roster.add(c)).toBe(place)
    expect([...roster]).toEqual([a, c])
  })

  test('who leaves while they are called is left out, and nobody else', () => {
    const roster = new Roster<{ readonly index: number }>()
    const places = Array.from({ length: 6 }, (_, index) => roster.add({ index }))
    const called: number[] = []
    for (const { index } of roster) {
      called.push(index)
      if (index === 2) for (const gone of [0, 2, 4]) roster.delete(places[gone]!)
    }
    expect(called).toEqual([0, 1, 2, 3, 5])
    expect(roster.size).toBe(3)
  })
})
