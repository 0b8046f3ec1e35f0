import { describe, expect, test } from 'vitest'
import { AsyncQueue } from './async-queue.ts'

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))

function watch(promise: Promise<unknown>): { settled: boolean } {
  const seen = { settled: false }
  void promise.then(() => {
    seen.settled = true
  })
  return seen
}

/** Resolves when the consumer requests the item after this one. */
function deliver<T>(queue: AsyncQueue<T>, item: T): Promise<void> {
  return new Promise(resolve => queue.deliver(item, resolve))
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('AsyncQueue.deliver', () => {
  test('calls back when the consumer requests the next item', async () => {
    const queue = new AsyncQueue<number>()
    const requested = queue.next()
    const first = watch(deliver(queue, 1))
    expect(await requested).toEqual({ done: false, value: 1 })
    await nextTurn()
    expect(first.settled).toBe(false)
    void queue.next()
    await nextTurn()
    expect(first.settled).toBe(true)
  })

  test('waits for the request of the next item when items were delivered before they were requested', async () => {
    const queue = new AsyncQueue<number>()
    const first = watch(deliver(queue, 1))
    const second = watch(deliver(queue, 2))
    await queue.next()
    await nextTurn()
    expect([first.settled, second.settled]).toEqual([false, false])
    expect(await queue.next()).toEqual({ done: false, value: 2 })
    await nextTurn()
    expect([first.settled, second.settled]).toEqual([true, false])
    void queue.next()
    await nextTurn()
    expect(second.settled).toBe(true)
  })

  test('calls back at once when another item has been requested already', async () => {
    const queue = new AsyncQueue<number>()
    const requested = [queue.next(), queue.next()]
    const first = watch(deliver(queue, 1))
    const second = watch(deliver(queue, 2))
    await nextTurn()
    expect([first.settled, second.settled]).toEqual([true, false])
    expect(await Promise.all(requested)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ])
  })

  test('returns an item that is delivered inside of the request', async () => {
    const queue = new AsyncQueue<number>()
    const requested = queue.next()
    queue.deliver(1, () => queue.deliver(2, () => queue.end()))
    expect(await requested).toEqual({ done: false, value: 1 })
    expect(await queue.next()).toEqual({ done: false, value: 2 })
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  test('calls back when the queue ends, and at once afterwards', async () => {
    const queue = new AsyncQueue<number>()
    const requested = queue.next()
    const pending = [deliver(queue, 1), deliver(queue, 2), deliver(queue, 3)]
    await requested
    queue.end()
    await Promise.all([...pending, deliver(queue, 4)])
    expect(await collect(queue)).toEqual([2, 3])
  })
})

describe('the loop over an AsyncQueue', () => {
  test('receives all items in order, one at a time', async () => {
    const queue = new AsyncQueue<number>()
    const log: string[] = []
    const consumer = (async () => {
      for await (const item of queue) {
        log.push(`begin ${item}`)
        await nextTurn()
        log.push(`end ${item}`)
      }
    })()
    for (let i = 0; i < 3; i++) {
      await deliver(queue, i)
      log.push(`released ${i}`)
    }
    queue.end()
    await consumer
    expect(log).toEqual([0, 1, 2].flatMap(i => [`begin ${i}`, `end ${i}`, `released ${i}`]))
  })

  test('receives the items delivered before the end, and stays ended', async () => {
    const queue = new AsyncQueue<number>()
    void deliver(queue, 1)
    queue.end()
    queue.end()
    expect(await collect(queue)).toEqual([1])
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  test('resolves all pending calls of `next` when the queue ends', async () => {
    const queue = new AsyncQueue<number>()
    const requested = [queue.next(), queue.next()]
    queue.end()
    for (const result of await Promise.all(requested))
      expect(result).toEqual({ done: true, value: undefined })
  })

  test('cannot be started twice', () => {
    const queue = new AsyncQueue<number>()
    queue[Symbol.asyncIterator]()
    expect(() => queue[Symbol.asyncIterator]()).toThrow(TypeError)
  })

  test('drops the remaining items and calls onReturn once when it is left early', async () => {
    let returns = 0
    const queue = new AsyncQueue<number>(() => {
      returns++
    })
    const pending = [deliver(queue, 1), deliver(queue, 2)]
    for await (const item of queue) if (item === 1) break
    await Promise.all([...pending, deliver(queue, 3)])
    expect(await queue.next()).toEqual({ done: true, value: undefined })
    await queue.return()
    expect(returns).toBe(1)
  })

  test('does not call onReturn when it reaches the end', async () => {
    let returns = 0
    const queue = new AsyncQueue<number>(() => {
      returns++
    })
    queue.end()
    await collect(queue)
    expect(returns).toBe(0)
  })
})

test('AsyncQueue.discard drops the remaining items and calls back for each', async () => {
  const queue = new AsyncQueue<number>()
  const pending = deliver(queue, 1)
  queue.end()
  queue.discard()
  await pending
  expect(await collect(queue)).toEqual([])
})
