// Runs the tests of one workspace with a given runtime, and reads the result of each.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A test that was run. */
export interface TestResult {
  /** With the names of the suites around it. */
  readonly name: string
  readonly passed: boolean
}

/** The program that runs the tests. */
export interface Runner {
  /** The runtime, with its arguments before a script. */
  readonly command: readonly string[]
  /** More options of vitest. */
  readonly options?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** The part of a report of vitest that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** Milliseconds after which tests are given up: a runtime may never end. */
const PATIENCE = 600_000
const ROOT = join(import.meta.dirname, '../../..')
const require = createRequire(import.meta.url)
const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs')

/**
 * Runs the tests of `suite`, a folder of this repository. Skipped tests have no result. Prints
 * failures in full, and a line at the end.
 */
export async function runSuite(suite: string, { command, options = [], env }: Runner): Promise<TestResult[]> {
  const began = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'ws-suite-'))
  try {
    const file = join(folder, 'report.json')
    const reporters = ['--reporter=json', '--reporter=minimal', `--outputFile.json=${file}`]
    const [runtime, ...words] = command
    const child = spawn(
      runtime!,
      [...words, vitest, 'run', ...reporters, '--coverage.enabled=false', ...options],
      { cwd: join(ROOT, suite), env: env ?? process.env, stdio: ['ignore', 'ignore', 'inherit'] },
    )
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
    await once(child, 'close')
    clearTimeout(timer)
    const results = existsSync(file) ? resultsOf(JSON.parse(readFileSync(file, 'utf8')) as Report) : []
    const passed = results.filter(result => result.passed).length
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`${suite}: ${passed} of ${results.length} tests passed, ${seconds} s`)
    return results
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A file that could not be run at all counts as one test that failed. */
function resultsOf({ testResults }: Report): TestResult[] {
  return testResults.flatMap(({ name, status, assertionResults }) =>
    status === 'failed' && assertionResults.length === 0
      ? [{ name, passed: false }]
      : assertionResults
          .filter(one => one.status === 'passed' || one.status === 'failed')
          .map(one => ({ name: one.fullName, passed: one.status === 'passed' })),
  )
}
