// `pnpm mutation [PACKAGE…]`: changes one thing at a time in the sources of a package without I/O and runs its tests, which have to
// notice. Takes hours on two cores, so that it is no part of CI; what is left is read, and either killed or explained in explained.ts.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installInto } from '@ws/testing'
import { explained } from './explained.ts'
import { type Mutant, summarise } from './summary.ts'

const PACKAGES = ['handshake', 'frame', 'protocol']
const ROOT = join(import.meta.dirname, '..', '..')
const RESULTS = join(import.meta.dirname, 'results')
/** Where the tool is, at this version: what it needs besides, the tests' own runner, stands above it. */
const TOOL = join(import.meta.dirname, '.peers')
const VERSION = '10.1.1'
const STRYKER = join(TOOL, 'node_modules/@stryker-mutator/core/bin/stryker.js')

/** What the report of a run has for each file. */
interface Report {
  readonly files: Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>
}

const names = process.argv.slice(2)
const unknown = names.find(name => !PACKAGES.includes(name))
if (unknown === undefined) {
  installInto(TOOL, { '@stryker-mutator/core': VERSION, '@stryker-mutator/vitest-runner': VERSION })
  mkdirSync(RESULTS, { recursive: true })
  for (const name of names.length === 0 ? PACKAGES : names) await mutate(name)
} else {
  console.error(`mutation: there is no ${unknown}; there are ${PACKAGES.join(', ')}`)
  process.exitCode = 2
}

async function mutate(name: string): Promise<void> {
  console.log(`── ${name}`)
  const report = join(RESULTS, `${name}.json`)
  const settings = join(RESULTS, `${name}.settings.json`)
  writeFileSync(settings, JSON.stringify(settingsFor(name, report), undefined, 2))
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
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const minutes = Math.round((performance.now() - started) / 60_000)
  const { text, left } = summarise(name, files, explained)
  console.log(`${text}\n${minutes} minutes`)
  if (left > 0) process.exitCode = 1
}

/** The whole repository is copied to a place for it, for packages import each other by their sources. */
function settingsFor(name: string, report: string): object {
  const folder = `packages/${name}`
  return {
    testRunner: 'vitest',
    plugins: [join(TOOL, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js')],
    vitest: { configFile: `${folder}/vitest.config.ts`, dir: folder, related: false },
    mutate: [`${folder}/src/**/*.ts`, `!${folder}/src/**/*.test.ts`, `!${folder}/src/index.ts`],
    ignorePatterns: ['bench', 'docs', 'apps', 'dist', '.turbo', 'trials'],
    coverageAnalysis: 'perTest',
    // Constants of a module: each would need all of the tests.
    ignoreStatic: true,
    // Texts are for people; that they are there is all that tests ask of most.
    mutator: { excludedMutations: ['StringLiteral'] },
    concurrency: 1,
    reporters: ['progress-append-only', 'json'],
    jsonReporter: { fileName: report },
    // There is none to be rewritten: the types do not matter here, and TypeScript 7 cannot be asked from JavaScript.
    tsconfigFile: 'none.json',
    tempDirName: join(tmpdir(), `mutation-${name}`),
    allowEmpty: true,
  }
}
