// Where messages in pieces come from: sources that end, that throw, that say what may not be said, and that wait for a step.

import type { PieceSource } from '@ws/server'
import type { Source } from './schedule.ts'

type Result = IteratorResult<string, undefined>

/** A source that gives what a step gives it. */
export class SteppedSource implements AsyncIterable<string>, AsyncIterator<string, undefined> {
  readonly #given: (() => Promise<Result>)[] = []
  #asked: PromiseWithResolvers<Result> | undefined;

  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    return this
  }

  next(): Promise<Result> {
    const given = this.#given.shift()
    if (given !== undefined) return given()
    this.#asked = Promise.withResolvers()
    return this.#asked.promise
  }

  async return(): Promise<Result> {
    return { done: true, value: undefined }
  }

  give(piece: string): void {
    this.#answer(() => Promise.resolve({ done: false, value: piece }))
  }

  end(): void {
    this.#answer(() => Promise.resolve({ done: true, value: undefined }))
  }

  fail(error: Error): void {
    this.#answer(() => Promise.reject(error))
  }

  #answer(answer: () => Promise<Result>): void {
    const asked = this.#asked
    this.#asked = undefined
    if (asked === undefined) this.#given.push(answer)
    else answer().then(asked.resolve, asked.reject)
  }
}

/** A source of that kind, but for the one by steps. */
export function createSource(source: Exclude<Source, 'by steps'>): PieceSource {
  switch (source) {
    case 'of three':
      return ['t1', '', 't3']
    case 'large':
      return Array.from({ length: 20 }, (_, i) => `t${i}:`.padEnd(500, 't'))
    case 'throwing':
      return throwing()
    case 'empty':
      return []
    case 'mixed':
      return ['t', new Uint8Array(3)]
    case 'a stream of the web':
      return webStream()
  }
}

function* throwing(): Generator<string> {
  yield 't'.repeat(100)
  throw new Error('the source throws')
}

function webStream(): ReadableStream<string> {
  let left = 3
  return new ReadableStream<string>({
    pull(controller) {
      if (left-- > 0) controller.enqueue('t'.repeat(400))
      else controller.close()
    },
  })
}
