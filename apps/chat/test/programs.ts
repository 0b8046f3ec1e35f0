// ws-chat as a process, for tests: starts it in a folder of the test's own, reads its output, and
// removes everything.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach } from 'vitest'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')

interface Launch {
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
  /** Another program than ws-chat of this package. */
  readonly main?: string
  /** Another version of Node, and its arguments. */
  readonly node?: readonly string[]
}

class Programs {
  #folder = ''
  #children: ChildProcessByStdio<null, Readable, Readable>[] = []

  /** The folder of the test, in which they run. */
  get folder(): string {
    return this.#folder
  }

  begin(): void {
    this.#folder = mkdtempSync(join(tmpdir(), 'ws-chat-'))
  }

  async end(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = once(child, 'close')
      child.kill('SIGKILL')
      await gone
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Runs ws-chat, with nothing of this process' CHAT_ variables. */
  launch({ args = [], env = {}, main = MAIN, node = [process.execPath] }: Launch) {
    const [command, ...before] = node as [string, ...string[]]
    const child = spawn(command, [...before, main, ...args], {
      cwd: this.#folder,
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#children.push(child)
    const exit = once(child, 'close').then(([code, signal]) => ({ code, signal }))
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', chunk => {
      output.stdout += chunk
    })
    child.stderr.on('data', chunk => {
      output.stderr += chunk
    })
    return { child, exit, output }
  }

  /** Launches a chat and waits until it says where it is. */
  async run(args: readonly string[] = [], more: Omit<Launch, 'args'> = {}) {
    const program = this.launch({ args: ['--port', '0', ...args], ...more })
    const { child, output } = program
    const gone = program.exit.then(() => Promise.reject(new Error(`it ended: ${output.stderr}`)))
    gone.catch(() => {})
    const pattern = /ws:\/\/\S+:(\d+)\n[\s\S]*Ctrl-C|"event":"listening","port":(\d+)/
    while (!pattern.test(output.stdout)) await Promise.race([once(child.stdout, 'data'), gone])
    const [, pretty, json] = pattern.exec(output.stdout)!
    return { ...program, port: Number(pretty ?? json) }
  }

  /** The output and the exit status of a start that fails. */
  async failure(options: Launch) {
    const { exit, output } = this.launch(options)
    return { ...(await exit), ...output }
  }
}

/**
 * Programs for the tests of the calling file: each test has its own folder, which is removed after
 * it.
 */
export function setPrograms(): Programs {
  const programs = new Programs()
  beforeEach(() => programs.begin())
  afterEach(() => programs.end())
  return programs
}
