import { describe, expect, test } from 'vitest'
import { AsyncQueue } from './async-queue.ts'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** Tells how a promise stands without waiting for it. */
function watch(promise: Promise<unknown>): { settled: boolean } {
  const seen = { settled: false }
  void promise.then(() => {
    seen.settled = true
  })
  return seen
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('deliver', () => {
  test('resolves when the consumer asks for the item after', async () => {
    const queue = new AsyncQueue<number>()
    const asked = queue.next()
    const first = watch(queue.deliver(1))
    expect(await asked).toEqual({ done: false, value: 1 })
    await turn()
    expect(first.settled).toBe(false)
    void queue.next()
    await turn()
    expect(first.settled).toBe(true)
  })

  test('the same for what came before it was asked for', async () => {
    const queue = new AsyncQueue<number>()
    const first = watch(queue.deliver(1))
    const second = watch(queue.deliver(2))
    await queue.next()
    await turn()
    expect([first.settled, second.settled]).toEqual([false, false])
    expect(await queue.next()).toEqual({ done: false, value: 2 })
    await turn()
    expect([first.settled, second.settled]).toEqual([true, false])
    void queue.next()
    await turn()
    expect(second.settled).toBe(true)
  })

  test('resolves at once where more has been asked for already', async () => {
    const queue = new AsyncQueue<number>()
    const asked = [queue.next(), queue.next()]
    const first = watch(queue.deliver(1))
    const second = watch(queue.deliver(2))
    await turn()
    expect([first.settled, second.settled]).toEqual([true, false])
    expect(await Promise.all(asked)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ])
  })

  test('resolves when the queue ends, and after it', async () => {
    const queue = new AsyncQueue<number>()
    const asked = queue.next()
    const pending = [queue.deliver(1), queue.deliver(2), queue.deliver(3)]
    await asked
    queue.end()
    await Promise.all([...pending, queue.deliver(4)])
    expect(await collect(queue)).toEqual([2, 3])
  })
})

describe('the loop', () => {
  test('gets everything in order, and one item at a time', async () => {
    const queue = new AsyncQueue<number>()
    const log: string[] = []
    const consumer = (async () => {
      for await (const item of queue) {
        log.push(`begin ${item}`)
        await turn()
        log.push(`end ${item}`)
      }
    })()
    for (let i = 0; i < 3; i++) {
      await queue.deliver(i)
      log.push(`released ${i}`)
    }
    queue.end()
    await consumer
    expect(log).toEqual([0, 1, 2].flatMap(i => [`begin ${i}`, `end ${i}`, `released ${i}`]))
  })

  test('gets what was delivered before the end, and stays ended', async () => {
    const queue = new AsyncQueue<number>()
    void queue.deliver(1)
    queue.end()
    queue.end()
    expect(await collect(queue)).toEqual([1])
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  test('ends all calls that wait', async () => {
    const queue = new AsyncQueue<number>()
    const asked = [queue.next(), queue.next()]
    queue.end()
    for (const result of await Promise.all(asked)) expect(result).toEqual({ done: true, value: undefined })
  })

  test('is the only one', () => {
    const queue = new AsyncQueue<number>()
    queue[Symbol.asyncIterator]()
    expect(() => queue[Symbol.asyncIterator]()).toThrow(TypeError)
  })

  test('left early drops the rest and says so once', async () => {
    let returns = 0
    const queue = new AsyncQueue<number>(() => {
      returns++
    })
    const pending = [queue.deliver(1), queue.deliver(2)]
    for await (const item of queue) if (item === 1) break
    await Promise.all([...pending, queue.deliver(3)])
    expect(await queue.next()).toEqual({ done: true, value: undefined })
    await queue.return()
    expect(returns).toBe(1)
  })

  test('that comes to its end does not say that it was left', async () => {
    let returns = 0
    const queue = new AsyncQueue<number>(() => {
      returns++
    })
    queue.end()
    await collect(queue)
    expect(returns).toBe(0)
  })
})

test('discard drops what waits and lets the producer go on', async () => {
  const queue = new AsyncQueue<number>()
  const pending = queue.deliver(1)
  queue.end()
  queue.discard()
  await pending
  expect(await collect(queue)).toEqual([])
})
