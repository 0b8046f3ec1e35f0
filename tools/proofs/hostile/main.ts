// `pnpm --filter @ws/proofs hostile`: runs the tests of the packages and tools, sends the cases of the rows to our
// server and client and to those of `ws`, and writes docs/hostile-inputs.md. Ends with 1 if a row has
// no proof that passed, or anything failed.

import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { runSuite, type TestResult } from '@ws/testing'
import { writeDocument } from './document.ts'
import { groups, idsIn } from './rows.ts'
import { STRICT, startServer } from './start.ts'
import { testClient, testServer } from './suite.ts'
import { findCases } from './verdicts.ts'

const ROOT = join(import.meta.dirname, '../../..')
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
  'tools/proofs',
]

const start = performance.now()
const env = { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${STRICT.join(' ')}` }
const tests: TestResult[] = []
for (const suite of SUITES) tests.push(...(await runSuite(suite, { command: [process.execPath], env })))

/** The cases of all rows for one role. */
function casesFor(role: 'server' | 'client'): string[] {
  const patterns = groups.flatMap(({ rows }) => rows.flatMap(row => row.cases))
  return patterns.flatMap(pattern => findCases(pattern, role))
}

/** Verdicts on a server and on a client. */
async function runCases(kind: 'listen' | 'ws', driver: string) {
  const server = await startServer(kind)
  const ofServer = await testServer(server.url, { only: casesFor('server') })
  await server.stop()
  return [...ofServer, ...(await testClient(driver, { only: casesFor('client') }))]
}

const ours = await runCases('listen', 'ws-client.ts')
const theirs = await runCases('ws', 'npm-ws.js')
const { text, missing, failed } = writeDocument(
  { tests, ours, theirs },
  {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    ws: (createRequire(import.meta.url)('ws/package.json') as { version: string }).version,
    seconds: Math.round((performance.now() - start) / 1000),
  },
)
writeFileSync(join(ROOT, DOCUMENT), text)
console.log(`written: ${DOCUMENT}`)
if (missing.length > 0) console.log(`rows without a proof that passed: ${missing.join(', ')}`)
if (failed.length > 0) console.log(`rows with a proof that failed: ${failed.join(', ')}`)
const others = tests.filter(({ name, passed }) => !passed && idsIn(name).length === 0)
if (others.length > 0) console.log(`other tests that failed: ${others.map(({ name }) => name).join(', ')}`)
if (missing.length + failed.length + others.length > 0) process.exitCode = 1
