import { expect, test } from 'vitest'
import { RequestError } from './request-error.ts'
import { Searches } from './search-queue.ts'

/** Longer than a test. */
const NEVER = 60_000

/** A search that ends on request. */
function makeSearch() {
  const end = Promise.withResolvers<string>()
  const search = { begun: false, end: end.resolve, fail: end.reject, run: () => end.promise }
  search.run = () => {
    search.begun = true
    return end.promise
  }
  return search
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

test('one search runs at a time, in the order of arrival', async () => {
  const searches = new Searches(NEVER)
  const [first, second] = [makeSearch(), makeSearch()]
  const results = [searches.run('a', first.run), searches.run('b', second.run)]
  await turn()
  expect([first.begun, second.begun]).toEqual([true, false])
  first.end('one')
  await turn()
  expect(second.begun).toBe(true)
  second.end('two')
  expect(await Promise.all(results)).toEqual(['one', 'two'])
})

test('a search that fails makes room for the next one', async () => {
  const searches = new Searches(NEVER)
  const [first, second] = [makeSearch(), makeSearch()]
  const failed = searches.run('a', first.run)
  const next = searches.run('a', second.run)
  first.fail(new Error('no'))
  second.end('yes')
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('yes')
})

test('eight searches of one address and 32 in all run or wait; further ones are refused', async () => {
  const searches = new Searches(NEVER)
  const running = makeSearch()
  const outcomes: Promise<string>[] = []
  const add = (group: string) => {
    const outcome = searches.run(group, running.run)
    outcome.catch(() => {})
    outcomes.push(outcome)
  }
  const busy = { code: 'busy', retry: 1000 }
  for (let i = 0; i < 8; i++) add('a')
  await expect(searches.run('a', running.run)).rejects.toMatchObject(busy)
  for (const group of ['b', 'c', 'd']) for (let i = 0; i < 8; i++) add(group)
  await expect(searches.run('e', running.run)).rejects.toMatchObject(busy)
  running.end('done')
  await Promise.all(outcomes)
  expect(await searches.run('e', async () => 'room')).toBe('room')
})

test('a search that takes too long is refused, but the next one waits for its end', async () => {
  const searches = new Searches(1)
  const [first, second] = [makeSearch(), makeSearch()]
  const refused = searches.run('a', first.run)
  const next = searches.run('a', second.run)
  await expect(refused).rejects.toBeInstanceOf(RequestError)
  expect(second.begun).toBe(false)
  second.end('two')
  first.end('late')
  expect(await next).toBe('two')
})
