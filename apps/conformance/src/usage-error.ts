/** A mistake in a command line, a file or an address; its message says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
