import { typeName } from './type-name.ts'

/** An `Error` for a thrown value, which may be anything. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  return new Error(`a value that is not an Error was thrown: ${typeName(thrown)}`, { cause: thrown })
}
