// `pnpm mutation [PACKAGE…]`: changes one thing at a time in the sources of a package without I/O and runs its tests, which have to
// notice. Takes hours on two cores the first time, so that it is no part of CI; what is left is read, and either killed or explained in
// explained.ts. `pnpm mutation report` writes docs/mutation.md from what the runs have left.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installInto, readCommandLine, refuse } from '@ws/testing'
import { writeDocument } from './document.ts'
import { explained } from './explained.ts'
import { found } from './found.ts'
import { type Report, type Summary, summarise, testsOf } from './summary.ts'

const PACKAGES = ['handshake', 'frame', 'protocol']
const ROOT = join(import.meta.dirname, '..', '..')
const RESULTS = join(import.meta.dirname, 'results')
const DOCUMENT = 'docs/mutation.md'
/** Where the tool is, at this version: what it needs besides, the tests' own runner, stands above it. */
const TOOL = join(import.meta.dirname, '.peers')
const VERSION = '10.1.1'
const STRYKER = join(TOOL, 'node_modules/@stryker-mutator/core/bin/stryker.js')
const USAGE = `usage: pnpm mutation [PACKAGE …]
       pnpm mutation report
  PACKAGE  one of ${PACKAGES.join(', ')} (default: all)
  report   writes ${DOCUMENT} from what the runs have left`

const { positionals: names } = readCommandLine(USAGE, [], true)
const unknown = names.find(name => !PACKAGES.includes(name))
if (names.length === 1 && unknown === 'report') writeReport()
else if (unknown === undefined) {
  installInto(TOOL, { '@stryker-mutator/core': VERSION, '@stryker-mutator/vitest-runner': VERSION })
  mkdirSync(RESULTS, { recursive: true })
  for (const name of names.length === 0 ? PACKAGES : names) await mutate(name)
} else refuse(USAGE, `there is no ${unknown}`)

async function mutate(name: string): Promise<void> {
  console.log(`── ${name}`)
  const settings = join(RESULTS, `${name}.settings.json`)
  writeFileSync(settings, JSON.stringify(settingsFor(name), undefined, 2))
  const started = performance.now()
  const child = spawn(process.execPath, [STRYKER, 'run', settings], {
    cwd: ROOT,
    stdio: 'inherit',
    // Tests with a clock leave themselves out.
    env: { ...process.env, INSTRUMENTED: '1' },
  })
  const [status] = (await once(child, 'close')) as [number | null]
  if (status !== 0) {
    process.exitCode = 1
    return
  }
  tell(summarise(name, readReport(name), explained))
  console.log(`${Math.round((performance.now() - started) / 60_000)} minutes`)
}

function writeReport(): void {
  const reports = PACKAGES.map(readReport)
  const summaries = PACKAGES.map((name, i) => summarise(name, reports[i]!, explained))
  const last = Math.max(...PACKAGES.map(name => statSync(resultOf(name)).mtimeMs))
  const run = {
    date: new Date(last).toISOString().slice(0, 10),
    node: process.versions.node,
    stryker: VERSION,
  }
  for (const summary of summaries) tell(summary)
  const tests = reports.flatMap(report => testsOf(report))
  for (const { test } of found) {
    if (test === undefined || tests.some(name => name.includes(test))) continue
    console.log(`found: no test was run that is called ${test}`)
    process.exitCode = 1
  }
  writeFileSync(join(ROOT, DOCUMENT), writeDocument(summaries, found, run))
  console.log(`written: ${DOCUMENT}`)
}

/** Prints what came of a package; what is left ends the process with 1. */
function tell({ name, total, left, idle }: Summary): void {
  const { changes, noticed, explained: known } = total
  console.log(
    `@ws/${name}: ${noticed} of ${changes} changes noticed, ${known} explained, ${left.length} left`,
  )
  for (const line of left) console.log(`left: ${line}`)
  for (const line of idle) console.log(`explained in vain: ${line}`)
  if (left.length > 0) process.exitCode = 1
}

function resultOf(name: string): string {
  return join(RESULTS, `${name}.json`)
}

function readReport(name: string): Report {
  return JSON.parse(readFileSync(resultOf(name), 'utf8')) as Report
}

/** The whole repository is copied to a place for it, for packages import each other by their sources. */
function settingsFor(name: string): object {
  const folder = `packages/${name}`
  return {
    testRunner: 'vitest',
    plugins: [join(TOOL, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js')],
    vitest: { configFile: `${folder}/vitest.config.ts`, dir: folder, related: false },
    mutate: [`${folder}/src/**/*.ts`, `!${folder}/src/**/*.test.ts`, `!${folder}/src/index.ts`],
    ignorePatterns: ['docs', 'apps', 'dist', '.turbo', 'tools/bench', 'trials'],
    coverageAnalysis: 'perTest',
    // Constants of a module: each would need all of the tests.
    ignoreStatic: true,
    // Texts are for people; that they are there is all that tests ask of most.
    mutator: { excludedMutations: ['StringLiteral'] },
    concurrency: 1,
    reporters: ['progress-append-only'],
    // What was found the last time holds where neither the code nor its tests have changed.
    incremental: true,
    incrementalFile: resultOf(name),
    // There is none to be rewritten: the types do not matter here, and TypeScript 7 cannot be asked from JavaScript.
    tsconfigFile: 'none.json',
    tempDirName: join(tmpdir(), `mutation-${name}`),
    allowEmpty: true,
  }
}
