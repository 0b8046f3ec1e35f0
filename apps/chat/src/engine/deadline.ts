// A time limit for operations of the store.

import { Unavailable } from './engine.ts'

/**
 * The result of `work`; rejects with {@link Unavailable} after this many milliseconds. The work
 * itself goes on.
 */
export async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>()
  const reject = () => late.reject(new Unavailable(`no answer within ${milliseconds} ms`))
  // After a long turn of the event loop timers run first: answers that have arrived are read before
  // the limit applies.
  const timer = setTimeout(() => setImmediate(reject), milliseconds)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
