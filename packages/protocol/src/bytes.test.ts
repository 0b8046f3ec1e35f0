import { describe, expect, test } from 'vitest'
import { own } from './bytes.ts'

describe('own', () => {
  const memory = Uint8Array.from({ length: 100 }, (_, i) => i)

  test('copies bytes that fill less than half of the memory', () => {
    const owned = own(memory, 49)
    expect(owned).toEqual(memory.slice(0, 49))
    expect(owned.buffer.byteLength).toBe(49)
  })

  test('returns a view of bytes that fill at least half of the memory', () => {
    expect(own(memory, 50).buffer).toBe(memory.buffer)
    expect(own(memory, 50)).toEqual(memory.slice(0, 50))
    expect(own(memory, 100).buffer).toBe(memory.buffer)
  })

  test('compares with the underlying memory, not with the array', () => {
    const part = memory.subarray(20, 30)
    expect(own(part, 8)).toEqual(memory.slice(20, 28))
    expect(own(part, 8).buffer).not.toBe(memory.buffer)
    expect(own(memory.subarray(20), 75)).toEqual(memory.slice(20, 95))
  })

  test('returns a plain Uint8Array, even for a Buffer', () => {
    const buffer = Buffer.from('a Buffer of Node')
    for (const length of [1, 16]) expect(own(buffer, length).constructor).toBe(Uint8Array)
    expect(own(new Uint8Array(0), 0)).toHaveLength(0)
  })
})
