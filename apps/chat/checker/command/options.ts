// What `pnpm chat:verify` can be told.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numberOf, readCommandLine, refuse } from '@ws/testing'
import type { RunOptions } from '../run.ts'

const USAGE = `usage: pnpm chat:verify [options]
  --engine NAME     sqlite (one node) or redis (default: redis)
  --nodes N         nodes on one Redis (default: 2)
  --messages N      to be acknowledged, at least (default: 20000)
  --kills N         of nodes, by kill -9 (default: 4)
  --redis-kills N   of Redis (default: 2)
  --rooms N         (default: 8)
  --publishers N    (default: 48)
  --seed N          chooses faults, networks and who is where, as in another run (default: a new one)
  --loss            Redis loses the end of what it wrote with each kill: the epoch has to tell of it
  --journals DIR    writes the journals there, and keeps them; else only where something is wrong
  --report          writes the outcome into docs/chat-guarantees.md
Other faults come for every ten kills, at least one of each kind. Exit status 1: something is wrong.`

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

/** What was asked for. */
export interface VerifyOptions {
  readonly run: RunOptions
  /** The journals stay, whatever they show. */
  readonly isKept: boolean
  readonly isReported: boolean
}

/** Reads the command line. Ends the process for `--help`, and with status 2 for what it does not know. */
export function readOptions(): VerifyOptions {
  const told = readCommandLine(USAGE, NAMES, false, ['loss', 'report'])
  const engine = told.values.engine ?? 'redis'
  if (engine !== 'sqlite' && engine !== 'redis')
    refuse(USAGE, `--engine must be sqlite or redis, not '${engine}'`)
  const whole = (name: string, byDefault: number, least: number) =>
    Math.floor(numberOf(USAGE, told, name, byDefault, least))
  const nodes = whole('nodes', engine === 'redis' ? 2 : 1, 1)
  if (engine === 'sqlite' && nodes > 1) refuse(USAGE, 'SQLite is for one node: --engine redis for several')
  const mayLose = told.flags.has('loss')
  if (engine === 'sqlite' && mayLose) refuse(USAGE, '--loss is about Redis: --engine redis')
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
