// What is left when a group of rows is over: no handle, no memory, no rejection that nobody took.

import { getActiveResourcesInfo } from 'node:process'
import { collectGarbage } from '@ws/testing'
import { afterAll, beforeAll, expect } from 'vitest'

/**
 * Bytes that may be more than before: what Node keeps of the first TLS connections, and compression of its first messages, and both of
 * no later ones. Those of buffers count twice.
 * There are a thousand connections and more: a few kilobytes that one of them left would be seen.
 */
const MAY_REMAIN = 6 * 2 ** 20
/** Turns of the event loop that a handle has to go in: the other end of a connection goes after ours. */
const TURNS = 1000

/** Says of the file that calls it, before its own hooks, that its tests leave nothing behind. */
export function leavesNothing(): void {
  const untaken: unknown[] = []
  const take = (error: unknown): void => void untaken.push(error)
  let resources: ReadonlyMap<string, number>
  let memory: number

  beforeAll(async () => {
    process.on('unhandledRejection', take)
    process.on('uncaughtExceptionMonitor', take)
    resources = countResources()
    memory = await heldMemory()
  })

  afterAll(async () => {
    for (let turn = 0; turn < TURNS && addedTo(resources).length > 0; turn++) await new Promise(setImmediate)
    expect(addedTo(resources), 'handles that are left').toEqual([])
    expect(untaken, 'errors that nobody took').toEqual([])
    expect((await heldMemory()) - memory, 'bytes that are left').toBeLessThan(MAY_REMAIN)
    process.off('unhandledRejection', take)
    process.off('uncaughtExceptionMonitor', take)
  })
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function addedTo(before: ReadonlyMap<string, number>): string[] {
  return [...countResources()]
    .filter(([name, count]) => count > (before.get(name) ?? 0))
    .map(([name, count]) => `${count - (before.get(name) ?? 0)} × ${name}`)
}

async function heldMemory(): Promise<number> {
  // What is freed of buffers is known a little later.
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await new Promise(setImmediate)
  }
  const { arrayBuffers, external } = process.memoryUsage()
  return arrayBuffers + external
}
