import { sentence } from '../text/sentence.ts'
import { Disconnected, RequestError } from './connection.ts'

/** The person asked for something that cannot be done. The message says why, in a sentence. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError'
}

/** An error as a sentence. */
export function inWords(error: unknown): string {
  const isExpected =
    error instanceof RequestError || error instanceof Disconnected || error instanceof ValidationError
  return isExpected ? sentence(error.message) : `Something went wrong in this page: ${String(error)}`
}
