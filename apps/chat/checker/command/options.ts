// The options of `pnpm --filter @ws/chat-checker start`.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numberOf, readCommandLine, refuse } from '@ws/testing'
import type { RunOptions } from '../run.ts'

const USAGE = `usage: pnpm --filter @ws/chat-checker start [options]
  --engine NAME     sqlite (one node) or redis (default: redis)
  --nodes N         nodes on one Redis (default: 2)
  --messages N      least number of acknowledged messages (default: 20000)
  --kills N         kill -9 of nodes (default: 4)
  --redis-kills N   kill -9 of Redis (default: 2)
  --rooms N         (default: 8)
  --publishers N    (default: 48)
  --seed N          repeats the faults and networks of an earlier run (default: random)
  --loss            Redis loses the end of its file with each kill, and the epoch must reveal it
  --journals DIR    writes the journals there and keeps them (default: kept only after violations)
  --report          writes the outcome into docs/chat-guarantees.md
There is one other fault of each kind for every ten kills, at least one. Exit status 1: violations found.`

const NAMES = [
  'engine',
  'nodes',
  'messages',
  'kills',
  'redis-kills',
  'rooms',
  'publishers',
  'seed',
  'journals',
]

/** The parsed options. */
export interface VerifyOptions {
  readonly run: RunOptions
  /** Keeps the journals even without violations. */
  readonly isKept: boolean
  readonly isReported: boolean
}

/** Parses the command line. Ends the process for `--help`, and with status 2 for errors. */
export function readOptions(): VerifyOptions {
  const told = readCommandLine(USAGE, NAMES, false, ['loss', 'report'])
  const engine = told.values.engine ?? 'redis'
  if (engine !== 'sqlite' && engine !== 'redis')
    refuse(USAGE, `--engine must be sqlite or redis, not '${engine}'`)
  const whole = (name: string, byDefault: number, least: number) =>
    Math.floor(numberOf(USAGE, told, name, byDefault, least))
  const nodes = whole('nodes', engine === 'redis' ? 2 : 1, 1)
  if (engine === 'sqlite' && nodes > 1)
    refuse(USAGE, 'SQLite supports one node; use --engine redis for several')
  const mayLose = told.flags.has('loss')
  if (engine === 'sqlite' && mayLose) refuse(USAGE, '--loss needs --engine redis')
  const seed = whole('seed', Date.now() % 2 ** 32, 0)
  const { journals } = told.values
  return {
    run: {
      engine,
      nodes,
      mayLose,
      seed,
      messages: whole('messages', 20_000, 1),
      kills: whole('kills', 4, 0),
      redisKills: engine === 'redis' ? whole('redis-kills', 2, 0) : 0,
      rooms: whole('rooms', 8, 1),
      publishers: whole('publishers', 48, 1),
      journals: journals ?? join(tmpdir(), `chat-verify-${seed}-${process.pid}`),
    },
    isKept: journals !== undefined,
    isReported: told.flags.has('report'),
  }
}
