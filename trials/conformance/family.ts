// How a family of input is put to both ends: one end for all its tests, a connection for each, and what a failed one looks like.

import { afterAll, beforeAll, describe, expect } from 'vitest'
import { ENDS, type EndUnderTest, type Pair } from './ends.ts'

/** Defines the tests of a family for the server and for the client; `connect` gives a connection of its own to each. */
export function forEachEnd(define: (connect: () => Promise<Pair>, role: 'server' | 'client') => void): void {
  describe.each(ENDS)('a %s', (role, start) => {
    let end: EndUnderTest
    beforeAll(async () => {
      end = await start()
    })
    afterAll(() => end[Symbol.asyncDispose]())
    define(() => end.pair(), role)
  })
}

/** Reads to the end: these frames, a Close with that code and a reason that fits, and nothing behind it; and it was reported. */
export async function expectFailure({ peer, own }: Pair, code: number, before: string[] = []): Promise<void> {
  const frames = await peer.readAll()
  expect(frames.slice(0, -1)).toEqual(before)
  const last = frames.at(-1)
  expect(last).toMatch(new RegExp(`^close ${code} .+`))
  expect(Buffer.byteLength(last!.slice('close 1000 '.length))).toBeLessThanOrEqual(123)
  expect(await own.closed).toMatchObject({ code, wasClean: false, by: 'local' })
}

/** Sends a Close and reads to the end: these frames, then its code. For a connection that has nothing against us. */
export async function expectHealth({ peer, own }: Pair, before: string[] = []): Promise<void> {
  await peer.send({ opcode: 8, payload: Buffer.from('03e8', 'hex') })
  expect(await peer.readAll()).toEqual([...before, 'close 1000'])
  expect(await own.closed).toEqual({ code: 1000, reason: '', wasClean: true, by: 'peer' })
}

/** Runs all jobs, so many at a time. */
export async function runAll<Job>(
  jobs: readonly Job[],
  atOnce: number,
  run: (job: Job) => Promise<void>,
): Promise<void> {
  const waiting = jobs.values()
  const runNext = async () => {
    for (const job of waiting) await run(job)
  }
  await Promise.all(Array.from({ length: atOnce }, runNext))
}
