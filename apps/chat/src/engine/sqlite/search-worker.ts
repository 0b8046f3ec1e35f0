// The thread on which a database file is searched: answers each query that search-thread.ts sends.

import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Search } from './search.ts'
import type { SearchAnswer, SearchOrder } from './search-thread.ts'

/**
 * Milliseconds to wait for the lock of a writer, which readers need only while the file is
 * recovered.
 */
const TIMEOUT = 1000

const port = parentPort!
const database = new DatabaseSync(String(workerData), { readOnly: true, timeout: TIMEOUT })
const search = new Search(database)
const running = new Map<number, AbortController>()

port.on('message', ({ id, query }: SearchOrder) => {
  if (query === undefined) running.get(id)?.abort()
  else void answer(id, query)
})

async function answer(id: number, query: NonNullable<SearchOrder['query']>): Promise<void> {
  const stop = new AbortController()
  running.set(id, stop)
  // A request to end it may have arrived with it.
  await nextTurn()
  port.postMessage(await resultOf(id, () => search.run({ ...query, signal: stop.signal })))
  running.delete(id)
}

async function resultOf(id: number, work: () => ReturnType<Search['run']>): Promise<SearchAnswer> {
  try {
    return { id, result: await work() }
  } catch (error) {
    return { id, error: (error as Error).message }
  }
}
