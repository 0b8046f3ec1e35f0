// How the errors of wrong arguments call what they were given.

/** The type of a value, in a word. */
export function describe(value: unknown): string {
  return value === null ? 'null' : typeof value
}
