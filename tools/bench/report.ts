// Writes the figures of docs/performance.md from what the other scripts have found, and puts their plots beside it; those of the chat
// into its README. Measures nothing.

import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createSections, fillIn, findDisagreements } from './lib/report.ts'
import { readResults, resultsFolder } from './lib/results.ts'

/** In the order of the document; each with the script that finds it. */
const RESULTS = [
  'echo-ping-pong',
  'echo-pipelined-16',
  'echo-pipelined-64',
  'echo-4k',
  'echo-64k',
  'echo-large',
  'publish',
  'deflate',
  'deflate-memory',
  'deflate-after-load',
  'handshakes',
  'idle-memory',
  'worst-case-memory',
  'async-handler',
  'session',
  'codec',
  'latency',
  'growth-echo',
  'growth-memory',
  'growth-publish',
  'load-generator',
  'compat-echo',
  'compat-memory',
]
const PLOTS = ['growth-cpu', 'growth-rate', 'growth-memory', 'growth-publish']
const DOCS = join(import.meta.dirname, '../..', 'docs')
const DOCUMENT = join(DOCS, 'performance.md')
const FOLDER = join(DOCS, 'performance')
const CHAT = join(DOCS, '..', 'apps', 'chat', 'README.md')

try {
  const quick = readQuick()
  report(quick)
  reportChat(quick)
} catch (error) {
  console.error(`bench report: ${(error as Error).message}`)
  process.exitCode = 1
}

/** `--quick`: from the results of quick runs, to see what it makes. */
function readQuick(): boolean {
  return parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values.quick
}

function report(quick: boolean): void {
  const all = new Map(RESULTS.map(name => [name, readResults(name, quick)]))
  const found = [...all.values()].filter(results => results !== undefined)
  writeFileSync(DOCUMENT, fillIn(readFileSync(DOCUMENT, 'utf8'), createSections(all)))
  mkdirSync(FOLDER, { recursive: true })
  for (const name of PLOTS) {
    const file = join(resultsFolder(quick), `${name}.svg`)
    if (existsSync(file)) copyFileSync(file, join(FOLDER, `${name}.svg`))
  }
  for (const [name, results] of all) if (results === undefined) console.error(`${name}: not measured yet`)
  for (const sentence of findDisagreements(found)) console.error(sentence)
  console.log(`${DOCUMENT}: ${found.length} of ${all.size} results`)
}

function reportChat(quick: boolean): void {
  const file = join(resultsFolder(quick), 'chat.md')
  if (!existsSync(file)) {
    console.error('chat: not measured yet')
    return
  }
  const chat = readFileSync(file, 'utf8').trim()
  writeFileSync(CHAT, fillIn(readFileSync(CHAT, 'utf8'), { chat }))
  console.log(CHAT)
}
