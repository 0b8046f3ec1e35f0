import { expect, test } from 'vitest'
import { Jobs } from './jobs.ts'

test('so many run at a time, the others in the order in which they came', async () => {
  const jobs = new Jobs(2)
  const events: string[] = []
  const ends: PromiseWithResolvers<void>[] = []
  const runs = [0, 1, 2, 3].map(name =>
    jobs
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
  expect([events, jobs.running]).toEqual([['begin 0', 'begin 1'], 2])
  ends[1]!.resolve()
  await runs[1]
  expect(new Set(events.slice(2))).toEqual(new Set(['begin 2', 'done 1']))
  ends[2]!.reject('no')
  await runs[2]
  expect(new Set(events.slice(4))).toEqual(new Set(['begin 3', 'failed 2: no']))
  ends[0]!.resolve()
  ends[3]!.resolve()
  await Promise.all(runs)
  expect(jobs.running).toBe(0)
})

test('a job that fails at once leaves its place, too', async () => {
  const jobs = new Jobs(2)
  await expect(jobs.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(jobs.running).toBe(0)
})
