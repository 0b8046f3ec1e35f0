// `pnpm trials`: runs the tests of the packages and of this workspace, sends the rows to `ws`, and writes docs/hostile-inputs.md.
// Ends with 1 if a row has no test that passed, or any test failed.

import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { runSuite, type TestResult } from '../suite.ts'
import { writeDocument } from './document.ts'
import { idsIn } from './rows.ts'
import { runTheirs } from './ws.ts'

const ROOT = join(import.meta.dirname, '../..')
const DOCUMENT = 'docs/hostile-inputs.md'
const SUITES = [
  'packages/handshake',
  'packages/frame',
  'packages/protocol',
  'packages/deflate',
  'packages/connection',
  'packages/client',
  'packages/server',
  'tools/faults',
  'tools/fuzz',
  'tools/simulation',
  'trials',
]
/** Row L15 is about all of them. */
const STRICT = '--unhandled-rejections=strict --throw-deprecation'

const require = createRequire(import.meta.url)
const start = performance.now()
const env = { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${STRICT}` }
const results: TestResult[] = []
for (const suite of SUITES) results.push(...(await runSuite(suite, { command: [process.execPath], env })))
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
