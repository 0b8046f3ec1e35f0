import { sentence } from '../text/sentence.ts'
import { Disconnected, RequestError } from './connection.ts'

/** The person asked for something that cannot be done. The message says why, in a sentence. */
export class Mistake extends Error {
  override readonly name = 'Mistake'
}

/** An error as a sentence. */
export function inWords(error: unknown): string {
  const isExpected =
    error instanceof RequestError || error instanceof Disconnected || error instanceof Mistake
  return isExpected ? sentence(error.message) : `Something went wrong in this page: ${String(error)}`
}
