import { expect, test } from 'vitest'
import { Semaphore } from './semaphore.ts'

test('jobs above the limit wait and run in the order in which they were added', async () => {
  const semaphore = new Semaphore(2)
  const events: string[] = []
  const ends: PromiseWithResolvers<void>[] = []
  const runs = [0, 1, 2, 3].map(name =>
    semaphore
      .run(() => {
        events.push(`begin ${name}`)
        ends[name] = Promise.withResolvers()
        return ends[name].promise
      })
      .then(
        () => events.push(`done ${name}`),
        error => events.push(`failed ${name}: ${error}`),
      ),
  )
  expect([events, semaphore.running]).toEqual([['begin 0', 'begin 1'], 2])
  ends[1]!.resolve()
  await runs[1]
  expect(new Set(events.slice(2))).toEqual(new Set(['begin 2', 'done 1']))
  ends[2]!.reject('no')
  await runs[2]
  expect(new Set(events.slice(4))).toEqual(new Set(['begin 3', 'failed 2: no']))
  ends[0]!.resolve()
  ends[3]!.resolve()
  await Promise.all(runs)
  expect(semaphore.running).toBe(0)
})

test('a job that fails at once frees its slot', async () => {
  const semaphore = new Semaphore(2)
  await expect(semaphore.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(semaphore.running).toBe(0)
})
