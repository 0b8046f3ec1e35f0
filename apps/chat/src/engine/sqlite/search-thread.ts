// Searches a database file on a separate thread, because the time of an index query cannot be
// bounded. The thread starts with the first search.

import { Worker } from 'node:worker_threads'
import { type SearchQuery, type SearchResult, Unavailable } from '../engine.ts'

/** A search to begin; without `query`, one to end early. */
export interface SearchOrder {
  readonly id: number
  readonly query?: Omit<SearchQuery, 'signal'>
}

export type SearchAnswer =
  | { readonly id: number; readonly result: SearchResult }
  | { readonly id: number; readonly error: string }

/** Beside this file, as source or as built. */
const PROGRAM = new URL(`./search-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)

export class SearchThread {
  readonly #file: string
  readonly #waiting = new Map<number, PromiseWithResolvers<SearchResult>>()
  #worker: Worker | undefined
  #lastId = 0
  #isClosed = false

  /** `file` is opened for reading only. */
  constructor(file: string) {
    this.#file = file
  }

  /** Rejects with {@link Unavailable} where the file cannot be read, or the thread ends. */
  async run({ signal, ...query }: SearchQuery): Promise<SearchResult> {
    if (this.#isClosed) throw new Unavailable('the store is closed')
    this.#worker ??= this.#start()
    const worker = this.#worker
    const id = ++this.#lastId
    const answered = Promise.withResolvers<SearchResult>()
    const stop = () => worker.postMessage({ id } satisfies SearchOrder)
    this.#waiting.set(id, answered)
    signal?.addEventListener('abort', stop)
    worker.postMessage({ id, query } satisfies SearchOrder)
    if (signal?.aborted) stop()
    try {
      return await answered.promise
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  /** Ends the thread. Searches that have not been answered reject. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(PROGRAM, { workerData: this.#file })
    worker.unref()
    worker.on('message', answer => this.#take(answer))
    worker.on('error', error => this.#lose(worker, error))
    worker.on('exit', () => this.#lose(worker, new Error('the thread has ended')))
    return worker
  }

  #take(answer: SearchAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('result' in answer) waiting?.resolve(answer.result)
    else waiting?.reject(new Unavailable(`the search failed: ${answer.error}`))
  }

  /** The next search starts another thread. */
  #lose(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new Unavailable('the search failed', { cause }))
  }
}
