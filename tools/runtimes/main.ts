// `pnpm --filter @ws/runtimes matrix`: the tests of the packages and programs on each runtime that they are for, and the table in docs/runtimes.md; with names of
// runtimes or packages (`bun`, `server`) those alone, and the table has the others as they were counted last. Ends with 1 if any test failed.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Dependencies, installInto, type Runner, runSuite } from '@ws/testing'

/** A runtime, as npm has it. */
interface Runtime {
  readonly name: string
  readonly version: string
  readonly dependencies: Dependencies
  /** What is run of it, and what that is told before a script. */
  readonly command: readonly string[]
  readonly options?: readonly string[]
}

const DOCUMENT = join(import.meta.dirname, '../../docs/runtimes.md')
const PEERS = join(import.meta.dirname, '.peers')
const COUNTS = join(PEERS, 'counts.json')

const NODE_22 = node('22.23.3')
const NODE_24 = node('24.18.1')
const NODE_26 = node('26.10.0')
const BUN: Runtime = {
  name: 'Bun',
  version: '1.4.5',
  dependencies: { bun: '1.4.5' },
  command: ['bun', '--bun'],
  // A process of vitest's that Bun runs does not end by itself.
  options: ['--pool=threads'],
}
const DENO: Runtime = {
  name: 'Deno',
  version: '2.9.6',
  dependencies: { deno: '2.9.6' },
  command: ['deno', 'run', '--allow-all'],
}
const RUNTIMES = [NODE_22, NODE_24, NODE_26, BUN, DENO]

/** What runs where. The tests of the chat's page ask a browser, which is the same for every Node. */
const SUITES: readonly {
  readonly folder: string
  readonly runtimes: readonly Runtime[]
  readonly options?: readonly string[]
  /** Where it is not Node. */
  readonly optionsElsewhere?: readonly string[]
}[] = [
  { folder: 'packages/handshake', runtimes: RUNTIMES },
  { folder: 'packages/frame', runtimes: RUNTIMES },
  { folder: 'packages/protocol', runtimes: RUNTIMES },
  {
    folder: 'packages/deflate',
    // The streams of Deno's zlib do not tell of an error as Node's do: tests wait for ever.
    runtimes: [NODE_22, NODE_24, NODE_26, BUN],
    // They talk to @ws/server.
    optionsElsewhere: ['--exclude=test/interop.test.ts', '--exclude=test/readme.test.ts'],
  },
  { folder: 'packages/connection', runtimes: [NODE_22, NODE_24, NODE_26] },
  { folder: 'packages/client', runtimes: [NODE_22, NODE_24, NODE_26] },
  { folder: 'packages/server', runtimes: [NODE_22, NODE_24, NODE_26] },
  {
    folder: 'apps/echo',
    runtimes: [NODE_22, NODE_24, NODE_26],
    options: [
      '--exclude=test/page.test.ts',
      '--exclude=test/capture.test.ts',
      '--exclude=src/http/page.test.ts',
    ],
  },
  { folder: 'apps/chat', runtimes: [NODE_24, NODE_26], options: ['--exclude=test/page/**'] },
]

const wanted = process.argv.slice(2)
const names = [...RUNTIMES.map(keyOf), ...SUITES.map(({ folder }) => nameOf(folder))]
const strangers = wanted.filter(one => !names.includes(one))
if (strangers.length > 0) {
  console.error(`nothing is called ${strangers.join(', ')}; there are ${names.join(', ')}`)
  process.exit(2)
}

const counts = readCounts()
let failed = 0
for (const { folder, runtimes, options = [], optionsElsewhere = [] } of SUITES) {
  for (const runtime of runtimes) {
    if (
      !isWanted(
        SUITES.map(one => nameOf(one.folder)),
        nameOf(folder),
      )
    )
      continue
    if (!isWanted(RUNTIMES.map(keyOf), keyOf(runtime))) continue
    process.stdout.write(`${runtime.name} ${runtime.version}, `)
    const runner = runnerOf(runtime)
    const own = [...(runner.options ?? []), ...options, ...(runtime.name === 'Node' ? [] : optionsElsewhere)]
    const results = await runSuite(folder, { ...runner, options: own })
    const passed = results.filter(result => result.passed).length
    for (const { name } of results.filter(result => !result.passed)) console.log(`  failed: ${name}`)
    failed += results.length === 0 ? 1 : results.length - passed
    counts[`${nameOf(folder)} ${keyOf(runtime)}`] =
      `${formatNumber(passed)} of ${formatNumber(results.length)}`
    writeFileSync(COUNTS, JSON.stringify(counts, null, 2))
  }
}
const lines = [
  ['', ...RUNTIMES.map(({ name, version }) => `${name} ${version}`)],
  ['---', ...RUNTIMES.map(() => '---:')],
  ...SUITES.map(({ folder }) => [
    `\`@ws/${nameOf(folder)}\``,
    ...RUNTIMES.map(runtime => counts[`${nameOf(folder)} ${keyOf(runtime)}`] ?? '–'),
  ]),
].map(row => `| ${row.join(' | ')} |`)
const table = `<!-- matrix -->\n\n${lines.join('\n')}\n\n<!-- /matrix -->`
const text = readFileSync(DOCUMENT, 'utf8').replace(/<!-- matrix -->[\s\S]*<!-- \/matrix -->/, table)
writeFileSync(DOCUMENT, text)
console.log(
  `${lines.join('\n')}\n${failed === 0 ? 'all passed' : `${failed} failed`}; written: docs/runtimes.md`,
)
if (failed > 0) process.exitCode = 1

/** Whether it is among what was asked for, if anything of its kind was. */
function isWanted(kind: readonly string[], name: string): boolean {
  return wanted.includes(name) || !kind.some(one => wanted.includes(one))
}

/** What earlier runs counted, by package and runtime. */
function readCounts(): Record<string, string> {
  return existsSync(COUNTS) ? (JSON.parse(readFileSync(COUNTS, 'utf8')) as Record<string, string>) : {}
}

function nameOf(folder: string): string {
  return folder.slice(folder.indexOf('/') + 1)
}

/** What it is called on the command line. */
function keyOf({ name, version }: Runtime): string {
  return name === 'Node' ? `node-${version.split('.')[0]}` : name.toLowerCase()
}

function node(version: string): Runtime {
  return { name: 'Node', version, dependencies: { node: version }, command: ['node'] }
}

/** Installs it if it is not there. */
function runnerOf({ name, version, dependencies, command, options }: Runtime): Runner {
  const [bin, ...words] = command
  const folder = join(PEERS, `${name.toLowerCase()}-${version}`)
  installInto(folder, dependencies)
  const runner = { command: [join(folder, 'node_modules', '.bin', bin!), ...words] }
  return options === undefined ? runner : { ...runner, options }
}

function formatNumber(value: number): string {
  return value.toLocaleString('en-US')
}
