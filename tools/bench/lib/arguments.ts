// What a script of this folder understands on the command line.

import { parseArgs } from 'node:util'

/** How long and how often is measured. */
export interface Settings {
  /** Undefined: as many as the script says. */
  readonly rounds: number | undefined
  /** Milliseconds of load before each measurement, and of the measurement. */
  readonly warmup: number
  readonly duration: number
  /** Only to see that it works: nothing to quote. */
  readonly quick: boolean
}

/** What all scripts understand. */
export const USAGE = `  --rounds N   measure each contender N times (default: 5, growth: 3)
  --quick      one short round, to see that it works; not to be quoted
  --help       say this`

/** Reads the arguments; throws an `Error` for the reader if they are wrong. `help`: only that was asked for. */
export function readArguments(args: readonly string[]): Settings | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help) return 'help'
  const { rounds, quick = false } = values
  if (rounds !== undefined && !/^[1-9]\d{0,2}$/.test(rounds))
    throw new Error(`--rounds must be a whole number from 1 to 999, not '${rounds}'`)
  if (quick && rounds !== undefined) throw new Error('--quick is one round: leave out --rounds')
  return quick
    ? { rounds: 1, warmup: 200, duration: 300, quick }
    : { rounds: rounds === undefined ? undefined : Number(rounds), warmup: 1000, duration: 2000, quick }
}
