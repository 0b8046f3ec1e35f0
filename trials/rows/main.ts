// `pnpm trials`: runs the tests of the packages and of this workspace, sends the rows to `ws`, and writes docs/hostile-inputs.md.
// Ends with 1 if a row has no test that passed, or any test failed.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestResult, writeDocument } from './document.ts'
import { idsIn } from './rows.ts'
import { runTheirs } from './ws.ts'

const ROOT = join(import.meta.dirname, '../..')
const DOCUMENT = 'docs/hostile-inputs.md'
const SUITES = [
  'packages/handshake',
  'packages/frame',
  'packages/protocol',
  'packages/deflate',
  'packages/server',
  'trials',
]
/** Row L15 is about all of them. */
const STRICT = '--unhandled-rejections=strict --throw-deprecation'

/** What vitest writes, as far as it is read here. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

const require = createRequire(import.meta.url)
const start = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'ws-trials-'))
try {
  const results: TestResult[] = []
  for (const suite of SUITES) results.push(...(await runSuite(suite)))
  const theirs = await runTheirs()
  console.log(`ws: ${theirs.filter(({ outcome }) => outcome === 'same').length} of ${theirs.length} the same`)
  const { text, missing, failed } = writeDocument(results, theirs, {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    ws: (require('ws/package.json') as { version: string }).version,
    seconds: Math.round((performance.now() - start) / 1000),
  })
  writeFileSync(join(ROOT, DOCUMENT), text)
  console.log(`written: ${DOCUMENT}`)
  if (missing.length > 0) console.log(`rows without a test that passed: ${missing.join(', ')}`)
  if (failed.length > 0) console.log(`rows with a test that failed: ${failed.join(', ')}`)
  const others = results.filter(({ name, passed }) => !passed && idsIn(name).length === 0)
  if (others.length > 0) console.log(`other tests that failed: ${others.map(({ name }) => name).join(', ')}`)
  if (missing.length + failed.length + others.length > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}

/** Runs the tests of one workspace. A skipped test is none; one that fails is shown in full. */
async function runSuite(suite: string): Promise<TestResult[]> {
  const began = performance.now()
  const file = join(folder, `${suite.replace('/', '-')}.json`)
  const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs')
  const reporters = ['--reporter=json', '--reporter=minimal', `--outputFile.json=${file}`]
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, '--coverage.enabled=false'], {
    cwd: join(ROOT, suite),
    env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${STRICT}` },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await once(child, 'close')
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report
  const results = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map(({ fullName, status }) => ({ name: fullName, passed: status === 'passed' }))
  const passed = results.filter(result => result.passed).length
  console.log(`${suite}: ${passed} of ${results.length} tests passed, ${seconds(performance.now() - began)}`)
  return results
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
