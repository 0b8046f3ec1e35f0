#!/usr/bin/env node
// ws-conformance: runs the command of the command line and sets the exit status.

import { CommanderError } from 'commander'
import { createProgram } from './program.ts'
import { UsageError } from './usage-error.ts'

/** Exit statuses: the run could not be finished; the command line is wrong. */
const BROKEN = 3
const MISUSED = 2

try {
  await createProgram(status => {
    process.exitCode = status
  }).parseAsync()
} catch (error) {
  process.exitCode = explain(error)
}

/** Prints what went wrong. Returns the exit status. */
function explain(error: unknown): number {
  // Its message has been printed, or the help was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED
  const isUsage = error instanceof UsageError || error instanceof RangeError
  console.error(`ws-conformance: ${isUsage ? error.message : ((error as Error).stack ?? String(error))}`)
  return isUsage ? MISUSED : BROKEN
}
