import { expect, test } from 'vitest'
import { Busy, PasswordQueue } from './password-queue.ts'

/** A queue whose tasks end one at a time, under the control of the test. */
function setUp() {
  const queue = new PasswordQueue()
  const running: { readonly name: string; end(): void }[] = []
  const order: string[] = []
  const refused: string[] = []
  const add = (name: string, address: string, isKnown = false) => {
    const work = () => {
      order.push(name)
      return new Promise<void>(end => running.push({ name, end }))
    }
    queue.run(address, isKnown, work).catch((error: unknown) => {
      expect(error).toBeInstanceOf(Busy)
      refused.push(name)
    })
  }
  const endOne = async () => {
    running.shift()!.end()
    await new Promise(resolve => setImmediate(resolve))
  }
  return { add, order, refused, endOne, running }
}

test('runs two at a time', async () => {
  const { add, order, endOne, running } = setUp()
  for (const name of ['a', 'b', 'c']) add(name, 'home')
  expect(order).toEqual(['a', 'b'])
  await endOne()
  expect(order).toEqual(['a', 'b', 'c'])
  await endOne()
  await endOne()
  expect(running).toEqual([])
  add('d', 'home')
  expect(order.at(-1)).toBe('d')
})

test('addresses take turns, however many wait of each', async () => {
  const { add, order, endOne } = setUp()
  for (let i = 0; i < 40; i++) add(`attack ${i}`, 'attacker')
  add('Ann', 'home')
  add('Ben', 'office')
  add('Cy', 'office')
  for (let i = 0; i < 6; i++) await endOne()
  expect(order.slice(2)).toEqual(['attack 2', 'Ann', 'Ben', 'attack 3', 'Cy', 'attack 4'])
})

test('a full queue replaces the newest task of the address with most by one of a new address', async () => {
  const { add, order, refused, endOne } = setUp()
  for (let i = 0; i < 134; i++) add(`attack ${i}`, 'attacker')
  await new Promise(resolve => setImmediate(resolve))
  expect(refused).toEqual(['attack 130', 'attack 131', 'attack 132', 'attack 133'])
  add('Ann', 'home')
  await new Promise(resolve => setImmediate(resolve))
  expect(refused.at(-1)).toBe('attack 129')
  await endOne()
  await endOne()
  expect(order.at(-1)).toBe('Ann')
})

test('a queue full of different addresses refuses another address', async () => {
  const { add, refused } = setUp()
  for (let i = 0; i < 131; i++) add(`attack ${i}`, `attacker ${i}`)
  await new Promise(resolve => setImmediate(resolve))
  expect(refused).toEqual(['attack 130'])
})

test('known addresses go first, in turns, also when the queue is full of others', async () => {
  const { add, order, refused, endOne } = setUp()
  for (let i = 0; i < 130; i++) add(`attack ${i}`, `attacker ${i}`)
  add('Ann 1', 'home', true)
  add('Ann 2', 'home', true)
  add('Ben', 'office', true)
  for (let i = 0; i < 4; i++) await endOne()
  expect(refused).toEqual([])
  expect(order.slice(2)).toEqual(['Ann 1', 'Ben', 'Ann 2', 'attack 2'])
})

test('continues after a task that fails', async () => {
  const queue = new PasswordQueue()
  const fail = () => queue.run('home', false, () => Promise.reject(new Error('broken')))
  const results = await Promise.allSettled([fail(), fail(), fail(), fail()])
  expect(results.map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
  expect(await queue.run('home', false, async () => 'done')).toBe('done')
})
