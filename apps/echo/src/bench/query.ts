// The query of a request, read by a table of parameters.

import { ValueError } from './values.ts'

/** One parameter of a query. */
export interface Parameter<Value> {
  /** A value, for the list of paths. */
  readonly example: string
  /** One clause for the list of paths. */
  readonly about: string
  /** The value when the query does not have the parameter. */
  readonly default: Value
  /** Throws a `ValueError` that says what is accepted. */
  readonly read: (text: string) => Value
}

/** Parameters by name. */
export type Parameters = Readonly<Record<string, Parameter<unknown>>>

/** The values of such parameters. */
export type ValuesOf<Table extends Parameters> = {
  readonly [Name in keyof Table]: Table[Name] extends Parameter<infer Value> ? Value : never
}

/** Declares a parameter, with the type of its value inferred from `read` and `default`. */
export function parameter<Value>(
  example: string,
  about: string,
  defaultValue: Value,
  read: (text: string) => Value,
): Parameter<Value> {
  return { example, about, default: defaultValue, read }
}

/**
 * Reads a query, with its question mark. Throws a `ValueError` for an unknown or repeated parameter
 * and for a wrong value.
 */
export function readQuery<Table extends Parameters>(search: string, table: Table): ValuesOf<Table> {
  const given = new URLSearchParams(search)
  const unknown = [...given.keys()].find(name => !Object.hasOwn(table, name))
  if (unknown !== undefined) {
    const names = Object.keys(table).join(', ')
    throw new ValueError(`unknown parameter ${JSON.stringify(unknown)} (expected ${names || 'none'})`)
  }
  const values = Object.entries(table).map(([name, each]) => [name, readOne(given, name, each)])
  return Object.fromEntries(values) as ValuesOf<Table>
}

function readOne(
  given: URLSearchParams,
  name: string,
  { read, default: value }: Parameter<unknown>,
): unknown {
  const [text, ...more] = given.getAll(name)
  if (text === undefined) return value
  if (more.length > 0) throw new ValueError(`${name} must be given once`)
  try {
    return read(text)
  } catch (error) {
    if (error instanceof ValueError) throw new ValueError(`${name} ${error.message}`)
    throw error
  }
}
