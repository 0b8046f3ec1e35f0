// Commands of others (git, npm, pnpm, changeset), each a process that is gone when this one is.

import { type ChildProcess, spawn } from 'node:child_process'
import { delimiter, dirname } from 'node:path'

/** What a command runs with, beside its words. */
export interface Place {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** Milliseconds that a program has to say where it listens, and after which it is looked whether it is still there. */
const PATIENCE = 60_000
const MOMENT = 500

const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) endGroup(child, 'SIGKILL')
})

/** This process's environment without what a package manager puts there for its scripts; `node` is the one that runs this. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|NODE_OPTIONS|VITEST|TURBO_)/i.test(name),
  )
  const path = [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter)
  return { ...Object.fromEntries(own), PATH: path, NO_COLOR: '1', CI: 'true' }
}

/** Runs a command to its end: what it wrote on standard output. Rejects with all that it wrote if it fails. */
export async function run(place: Place, command: string, ...args: readonly string[]): Promise<string> {
  const child = start(place, command, args)
  let output = ''
  let all = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text
    all += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    all += text
  })
  const status = await ended(child)
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ended with ${status}\n${all.trim()}`)
  return output
}

/** A program that serves, started through `npx` or another command that stands between. */
export class Served implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #name: string
  #output = ''
  #wake: () => void = () => undefined

  constructor(place: Place, command: string, ...args: readonly string[]) {
    this.#name = [command, ...args].join(' ')
    this.#child = start(place, command, args)
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        this.#wake()
      })
  }

  /** What it wrote that matches, once it has. Rejects if it ends before, or takes more than a minute. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = performance.now() + PATIENCE
    for (;;) {
      const match = pattern.exec(this.#output)
      if (match !== null) return match
      if (this.#child.exitCode !== null || this.#child.signalCode !== null || performance.now() > deadline)
        throw new Error(`${this.#name}: did not say ${String(pattern)}\n${this.#output}`)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, MOMENT)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** Ends it and all that stands between, by SIGTERM; by SIGKILL after ten seconds, and then rejects. */
  async stop(): Promise<void> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      endGroup(this.#child, 'SIGKILL')
    }, 10_000)
    endGroup(this.#child, 'SIGTERM')
    await ended(this.#child)
    clearTimeout(timer)
    if (isLate) throw new Error(`${this.#name}: did not end within ten seconds of SIGTERM\n${this.#output}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    endGroup(this.#child, 'SIGKILL')
    await ended(this.#child)
  }
}

/** A process that leads a group of its own, so that all that it starts can be ended with it. */
function start({ cwd, env }: Place, command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  alive.add(child)
  return child
}

async function ended(child: ChildProcess): Promise<number | string> {
  const status = (): number | string | null => child.exitCode ?? child.signalCode
  if (status() === null || !child.stdout!.closed)
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', () => resolve())
    })
  alive.delete(child)
  return status()!
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || !alive.has(child)) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
