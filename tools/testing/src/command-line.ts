// The command lines of the tools: `--help` prints the usage, and a fault of the arguments is printed above it.

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** What a command is told: its options as they were written, and the words between them. */
export interface Told {
  readonly values: Readonly<Record<string, string | undefined>>
  readonly positionals: readonly string[]
  /** The options without a value that were there. */
  readonly flags: ReadonlySet<string>
}

/**
 * Reads the command line: options with a value, and `flags` without one. Ends the process for `--help`, and with status 2 for what
 * `usage` does not know.
 */
export function readCommandLine(
  usage: string,
  names: readonly string[],
  allowPositionals = false,
  flags: readonly string[] = [],
): Told {
  const args = process.argv.slice(2)
  if (args.includes('--help')) {
    console.log(usage)
    process.exit(0)
  }
  const options: ParseArgsOptionsConfig = Object.fromEntries([
    ...names.map(name => [name, { type: 'string' }] as const),
    ...flags.map(name => [name, { type: 'boolean' }] as const),
  ])
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals })
    const given = flags.filter(name => values[name] === true)
    return { values: values as Told['values'], positionals, flags: new Set(given) }
  } catch (error) {
    refuse(usage, (error as Error).message)
  }
}

/** The number that an option says, or what it is by default. Ends the process with status 2 where it says none, or one below `least`. */
export function numberOf(
  usage: string,
  { values }: Told,
  name: string,
  byDefault: number,
  least = 0,
): number {
  const value = values[name]
  if (value === undefined) return byDefault
  const number = Number(value)
  if (value.trim() === '' || !(number >= least))
    refuse(usage, `--${name} must be a number from ${least} on, not '${value}'`)
  return number
}

/** Says what is wrong and what would be right, and ends the process. */
export function refuse(usage: string, what: string): never {
  console.error(`${what}\n${usage}`)
  process.exit(2)
}
