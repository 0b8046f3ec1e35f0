// One node of the chat: the program as its users run it, in a process that can be killed, stopped
// and started again.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import type { Readable } from 'node:stream'

/** The limits of a user are not under test, so they are off; those of a connection stay. */
const OPTIONS = [
  ...['--port', '0', '--log', 'json', '--rate', '1000:1000'],
  ...['--address-rate', '1000000:1000000', '--account-rate', '1000000:1000'],
  ...['--room-rate', '1000:1000'],
  ...['--read-rate', '1000000:1000000'],
]

/** Milliseconds until it must listen. */
const PATIENCE = 30_000

export class NodeProcess implements AsyncDisposable {
  readonly #program: readonly string[]
  readonly #log: string
  #child: ChildProcessByStdio<null, Readable, Readable> | undefined
  #port: number | undefined
  /** Whether it has ever ended without having been killed. */
  hasCrashed = false

  /** `program`: the file and its first arguments; `log`: a file that its output is appended to. */
  constructor(program: readonly string[], log: string) {
    this.#program = program
    this.#log = log
  }

  /** Its port; undefined while it does not listen. */
  get port(): number | undefined {
    return this.#port
  }

  /** Resolves when it listens. Rejects with its output if it ends before. */
  async start(): Promise<void> {
    const [file, ...args] = this.#program
    const child = spawn(process.execPath, [file!, ...OPTIONS, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    let said: string | undefined = ''
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const take = (text: string) => {
      appendFileSync(this.#log, text)
      if (said === undefined) return
      said += text
      const [, port] = /"event":"listening","port":(\d+)/.exec(said) ?? []
      if (port !== undefined) resolve(Number(port))
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', take)
    child.once('close', () => {
      if (this.#child === child) this.hasCrashed = true
    })
    const fail = (how: string) => reject(new Error(`a node ${how} before it listened: ${said}`))
    child.once('close', (code, signal) => fail(`ended with ${signal ?? code}`))
    const timer = setTimeout(() => fail(`was given ${PATIENCE} ms`), PATIENCE)
    try {
      this.#port = await promise
    } finally {
      clearTimeout(timer)
      said = undefined
    }
  }

  /** Resolves when the process has ended. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    this.#port = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'close')
    child.kill('SIGKILL')
    await gone
  }

  /** Stops it where it is (SIGSTOP), or lets it go on (SIGCONT). */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}
