/** The type of a value as error messages name it: `null` for null, else its `typeof`. */
export function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value
}
