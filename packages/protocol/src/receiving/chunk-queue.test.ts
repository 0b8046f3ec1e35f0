import { collectGarbage, onV8 } from '@ws/testing'
import { expect, test } from 'vitest'
import { ChunkQueue } from './chunk-queue.ts'

const chunk = (...bytes: number[]) => Uint8Array.from(bytes)

/** Takes the rest of the first chunk. */
function take(queue: ChunkQueue): Uint8Array | undefined {
  const { first, offset } = queue
  if (first === undefined) return undefined
  queue.takeTo(first.length)
  return first.subarray(offset)
}

test('returns chunks in order, and counts their bytes', () => {
  const queue = new ChunkQueue()
  expect([queue.length, take(queue)]).toEqual([0, undefined])
  queue.push(chunk(1, 2))
  queue.push(chunk(3))
  expect(queue.length).toBe(3)
  expect([take(queue), queue.length]).toEqual([chunk(1, 2), 1])
  expect([take(queue), queue.length]).toEqual([chunk(3), 0])
  expect(take(queue)).toBeUndefined()
})

test('returns a chunk that was put back first', () => {
  const queue = new ChunkQueue()
  queue.putBack(chunk(1))
  queue.push(chunk(2))
  queue.putBack(chunk(0))
  expect(take(queue)).toEqual(chunk(0))
  expect(take(queue)).toEqual(chunk(1))
  queue.putBack(chunk(9))
  expect([queue.length, take(queue), take(queue), take(queue)]).toEqual([2, chunk(9), chunk(2), undefined])
})

test('keeps the order of many thousands of chunks', () => {
  const queue = new ChunkQueue()
  const taken: number[] = []
  for (let i = 0; i < 20_000; i++) {
    queue.push(Uint8Array.of(i & 0xff))
    if (i % 3 > 0) taken.push(take(queue)![0]!)
  }
  while (queue.length > 0) taken.push(take(queue)![0]!)
  expect(taken).toEqual(Array.from({ length: 20_000 }, (_, i) => i & 0xff))
})

test('takes a chunk in parts, and counts the rest', () => {
  const queue = new ChunkQueue()
  queue.push(chunk(1, 2, 3))
  queue.push(chunk(4))
  queue.takeTo(2)
  expect([queue.first, queue.offset, queue.length, queue.start]).toEqual([chunk(1, 2, 3), 2, 2, 2])
  expect(queue.chunksFrom(queue.start)).toEqual([chunk(3), chunk(4)])
  expect(queue.chunksFrom(3)).toEqual([chunk(4)])
  queue.takeTo(3)
  expect([queue.first, queue.offset, queue.length, queue.start]).toEqual([chunk(4), 0, 1, 3])
})

onV8(test)('does not keep memory for chunks that were taken', () => {
  const queue = new ChunkQueue()
  const bytes = chunk(1)
  queue.push(bytes)
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 1_000_000; i++) {
    queue.push(bytes)
    take(queue)
  }
  collectGarbage()
  // A million empty slots take at least 8 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(4_000_000)
  expect(queue.length).toBe(1)
})

test('returns the chunks behind a position, whatever was taken or put back', () => {
  const queue = new ChunkQueue()
  queue.putBack(chunk(0, 0))
  const { start } = queue
  expect(queue.end).toBe(start + 2)
  queue.push(chunk(1))
  const { end } = queue
  queue.push(chunk(2, 2, 2))
  queue.push(chunk(3))
  expect(queue.chunksFrom(start)).toHaveLength(4)
  expect(queue.chunksFrom(end)).toEqual([chunk(2, 2, 2), chunk(3)])
  take(queue)
  take(queue)
  expect(queue.start).toBe(end)
  take(queue)
  queue.putBack(chunk(2))
  expect(queue.chunksFrom(queue.start)).toEqual([chunk(2), chunk(3)])
  expect(queue.chunksFrom(queue.end)).toEqual([])
  expect(queue.end - queue.start).toBe(queue.length)
})

test('counts an allowance for each chunk as memory', () => {
  const queue = new ChunkQueue()
  expect(queue.memory).toBe(0)
  queue.push(chunk(1, 2))
  queue.push(chunk(3))
  expect(queue.memory).toBe(3 + 2 * 256)
  take(queue)
  expect(queue.memory).toBe(1 + 256)
  queue.putBack(chunk(2))
  take(queue)
  take(queue)
  expect(queue.memory).toBe(0)
})

test('counts a chunk as memory until all of it has been taken', () => {
  const queue = new ChunkQueue()
  queue.push(chunk(1, 2, 3))
  queue.takeTo(2)
  expect([queue.length, queue.memory]).toEqual([1, 3 + 256])
  queue.takeTo(3)
  expect(queue.memory).toBe(0)
})
