// The context of every part of a chat process: settings, store and counters.

import type { Rate } from '@ws/server'
import type { Engine } from '../engine/engine.ts'
import type { LocalAllowances } from '../engine/local-allowances.ts'
import type { Log } from '../logging/log.ts'
import type { Limits } from './limits.ts'
import type { Times } from './options.ts'
import type { Counts } from './stats.ts'

export interface Context {
  readonly engine: Engine
  readonly auth: 'guest' | 'register'
  /** Keys of the names (`nameKey`) of users who may moderate every room. */
  readonly admins: ReadonlySet<string>
  readonly writeRate: Rate
  readonly limits: Limits
  readonly times: Times
  readonly log: Log
  readonly counts: Counts
  /** Of this process alone; `engine.allowances` holds for all nodes together. */
  readonly allowances: LocalAllowances
  /** Milliseconds since 1970. */
  now(): number
  /** The result of an operation of the store. Rejects with `Unavailable` when it takes too long. */
  ask<Value>(work: Promise<Value>): Promise<Value>
  /** Logs the failure of an operation whose result is not needed. */
  attempt(work: Promise<unknown>): void
}
