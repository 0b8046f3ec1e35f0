// `node main.ts [PROGRAM…]` runs each program with `ws` and with `@ws/compat`, and compares the results.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { inspect, isDeepStrictEqual } from 'node:util'
import { IMPLEMENTATIONS, type Implementation } from './implementation.ts'

/** Milliseconds that one program may take, its exit included. */
const TIME_LIMIT = 120_000

interface Outcome {
  readonly result: unknown
  /** What went wrong, or undefined. */
  readonly failure: string | undefined
  readonly seconds: number
}

const folder = join(import.meta.dirname, 'programs')
const programs = readdirSync(folder)
  .map(file => basename(file, '.ts'))
  .sort((a, b) => a.localeCompare(b))
const selected = process.argv.slice(2)
const unknown = selected.filter(name => !programs.includes(name))
if (unknown.length > 0) {
  console.error(`unknown program ${unknown.join(', ')} (expected some of ${programs.join(', ')})`)
  process.exit(2)
}

const failures: string[] = []
console.log(row('program', ...IMPLEMENTATIONS, 'same result'))
for (const name of selected.length > 0 ? selected : programs) {
  const [reference, ours] = [await runProgram(name, 'ws'), await runProgram(name, '@ws/compat')]
  const different = differences(reference.result, ours.result)
  console.log(row(name, describe(reference), describe(ours), different.length === 0 ? 'yes' : 'NO'))
  for (const [index, { failure }] of [reference, ours].entries())
    if (failure !== undefined) failures.push(`${name} with ${IMPLEMENTATIONS[index]}: ${failure}`)
  if (reference.result !== undefined && ours.result !== undefined)
    failures.push(...different.map(difference => `${name}: ${difference}`))
}
if (failures.length > 0) {
  console.error(`\n${failures.join('\n\n')}`)
  process.exitCode = 1
}

async function runProgram(name: string, implementation: Implementation): Promise<Outcome> {
  const began = performance.now()
  const child = fork(join(import.meta.dirname, 'run.ts'), [join(folder, `${name}.ts`), implementation], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  })
  const { result, output, failure } = await outcomeOf(child)
  const seconds = (performance.now() - began) / 1000
  return { result, seconds, failure: failure && `${failure}\n${output}`.trim() }
}

async function outcomeOf(
  child: ChildProcess,
): Promise<{ result: unknown; output: string; failure: string | undefined }> {
  let result: unknown
  let output = ''
  let late = false
  child.on('message', message => {
    result = message
  })
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', text => {
      output += text
    })
  }
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, TIME_LIMIT)
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  if (late)
    return {
      result,
      output,
      failure: `${result === undefined ? 'no result' : 'still running'} after ${TIME_LIMIT / 1000} s`,
    }
  return { result, output, failure: code === 0 ? undefined : `ended with ${code ?? signal}` }
}

function describe({ failure, seconds }: Outcome): string {
  return failure === undefined ? `ok, ${seconds.toFixed(1)} s` : 'FAILED'
}

/** The paths at which two results differ, with both values. */
function differences(reference: unknown, ours: unknown, path = ''): string[] {
  if (isDeepStrictEqual(reference, ours)) return []
  if (!isObject(reference) || !isObject(ours))
    return [`${path} is ${inspect(reference)} with ws and ${inspect(ours)} with @ws/compat`]
  return [...new Set([...Object.keys(reference), ...Object.keys(ours)])].flatMap(key =>
    differences(reference[key], ours[key], path === '' ? key : `${path}.${key}`),
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function row(...[name, ...cells]: string[]): string {
  return [name!.padEnd(20), ...cells.map(cell => cell.padEnd(12))].join('  ').trimEnd()
}
