// Runs the programs in a README, each from a temporary file in the README's folder, so that its
// imports resolve as they would for a reader.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ProgramOptions {
  readonly args?: readonly string[]
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds until the program is killed: by default 10,000, or 60,000 in `startReadme`. */
  readonly timeout?: number
  /** The document, relative to the folder; by default `README.md`. */
  readonly document?: string
}

export interface ProgramResult {
  readonly stdout: string
  readonly stderr: string
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that runs until it is stopped. */
export interface RunningProgram {
  readonly pid: number
  /** The match of the awaited line of output. */
  readonly match: RegExpExecArray
  /** Ends the program with SIGTERM. A second call returns the same result. */
  stop(): Promise<ProgramResult>
  [Symbol.asyncDispose](): Promise<void>
}

/** The text of a fenced code block, counted from 0 per language. Throws an `Error`. */
export function findFence(markdown: string, language: string, index: number): string {
  const lines = markdown.split(/\r?\n/)
  const openings = lines.flatMap((line, at) => (line.trimEnd() === `\`\`\`${language}` ? [at + 1] : []))
  const start = openings[index]
  if (start === undefined) {
    throw new Error(`no fence ${index} of ${language}: there are ${openings.length}`)
  }
  const length = lines.slice(start).findIndex(line => line.trimEnd() === '```')
  if (length < 0) throw new Error(`fence ${index} of ${language} has no end`)
  return lines
    .slice(start, start + length)
    .map(line => `${line}\n`)
    .join('')
}

/** Runs a `ts` program, counted from 0. Rejects with its output after the timeout. */
export async function runReadme(
  folder: URL | string,
  index: number,
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const { timeout = 10_000 } = options
  const program = new Program(folder, index, { ...options, timeout })
  const result = await program.ended
  if (program.isLate) throw new Error(`still running after ${timeout} ms\n${format(result)}`)
  return result
}

/**
 * Starts a `ts` program, counted from 0, and waits for a line of its standard output that matches
 * `ready`. Rejects with its output if it ends first. The caller must stop it (`await using` does).
 */
export async function startReadme(
  folder: URL | string,
  index: number,
  ready: RegExp,
  options: ProgramOptions = {},
): Promise<RunningProgram> {
  const program = new Program(folder, index, { timeout: 60_000, ...options })
  const match = await program.waitFor(ready)
  const stop = () => program.stop()
  return {
    pid: program.pid,
    match,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}

/** A program: its file and its process, which are both removed before `ended` settles. */
class Program {
  readonly ended: Promise<ProgramResult>
  readonly #child: ChildProcess
  #isLate = false
  #stdout = ''
  #stderr = ''

  constructor(folder: URL | string, index: number, options: ProgramOptions & { readonly timeout: number }) {
    const { args = [], env, timeout, document = 'README.md' } = options
    const path = typeof folder === 'string' ? folder : fileURLToPath(folder)
    const source = findFence(readFileSync(join(path, document), 'utf8'), 'ts', index)
    const file = join(path, `.readme-${randomBytes(6).toString('hex')}.ts`)
    writeFileSync(file, source, { flag: 'wx' })
    // PATH may have another version of Node, or a script of a package manager.
    this.#child = spawn(process.execPath, [file, ...args], {
      cwd: path,
      env: { ...plainEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.ended = this.#watch(file, timeout)
  }

  get pid(): number {
    return this.#child.pid!
  }

  get isLate(): boolean {
    return this.#isLate
  }

  stop(): Promise<ProgramResult> {
    this.#child.kill()
    return this.ended
  }

  async waitFor(ready: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve } = Promise.withResolvers<RegExpExecArray>()
    const findMatch = () => {
      for (const line of this.#stdout.split('\n').slice(0, -1)) {
        const match = ready.exec(line)
        if (match !== null) resolve(match)
      }
    }
    this.#child.stdout!.on('data', findMatch)
    const failed = this.ended.then(result => {
      throw new Error(`ended before a line matched ${String(ready)}\n${format(result)}`)
    })
    try {
      return await Promise.race([promise, failed])
    } finally {
      this.#child.stdout!.off('data', findMatch)
      failed.catch(() => undefined)
    }
  }

  #watch(file: string, timeout: number): Promise<ProgramResult> {
    const child = this.#child
    const { promise, resolve, reject } = Promise.withResolvers<ProgramResult>()
    const cleanUp = () => {
      child.kill('SIGKILL')
      rmSync(file, { force: true })
    }
    const timer = setTimeout(() => {
      this.#isLate = true
      child.kill('SIGKILL')
    }, timeout)
    const settle = () => {
      clearTimeout(timer)
      process.off('exit', cleanUp)
      cleanUp()
    }
    process.on('exit', cleanUp)
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    child.once('error', error => {
      settle()
      reject(error)
    })
    child.once('close', (exitCode, signal) => {
      settle()
      resolve({ stdout: this.#stdout, stderr: this.#stderr, exitCode, signal })
    })
    return promise
  }
}

/** The environment without colors and the variables of test runners and package managers. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(NODE_OPTIONS|NODE_V8_COVERAGE|NODE_ENV|FORCE_COLOR|VITEST|VITE_|npm_)/
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name))
  return { ...Object.fromEntries(kept), NO_COLOR: '1' }
}

function format({ stdout, stderr, exitCode, signal }: ProgramResult): string {
  return `exit: ${exitCode ?? signal}\nstdout: ${stdout}\nstderr: ${stderr}`
}
