// A time limit for what the store is asked to do. Knows nothing of what that is.

import { Unavailable } from './engine.ts'

/** What `work` gives; rejects with {@link Unavailable} after so many milliseconds. The work itself goes on. */
export async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Unavailable(`no answer within ${milliseconds} ms`)),
    milliseconds,
  )
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
