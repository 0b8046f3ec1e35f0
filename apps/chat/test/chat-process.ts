// ws-chat as a process, for tests of its end and its store.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')

/** The limits of a user are not under test. */
const FAST = [
  ...['--rate', '1000:1000', '--room-rate', '1000:1000'],
  ...['--read-rate', '1000000:1000000', '--search-rate', '1000:1000'],
]

/** An event of its log. */
type LogLine = { readonly event: string } & Readonly<Record<string, unknown>>

/** A chat on a port of its own; killed with its scope (`await using`). */
export class ChatProcess implements AsyncDisposable {
  /** All that it has written to standard output and standard error. */
  output = ''
  readonly #child: ChildProcessByStdio<null, Readable, Readable>

  private constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [MAIN, '--port', '0', '--log', 'json', ...FAST, ...args], {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
  }

  /** Resolves when it listens. Rejects with its output if it ends before. */
  static async start(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<ChatProcess> {
    const chat = new ChatProcess(args, env)
    await chat.logged('listening')
    return chat
  }

  get port(): number {
    return Number(this.#lines().find(({ event }) => event === 'listening')?.port)
  }

  /** The number of log lines with an event. */
  count(event: string): number {
    return this.#lines().filter(line => line.event === event).length
  }

  /** Resolves at the next line of the log with this event; rejects if it ends before. */
  async logged(event: string, times = 1): Promise<LogLine> {
    for (;;) {
      const lines = this.#lines().filter(line => line.event === event)
      if (lines.length >= times) return lines[times - 1]!
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`the chat ended before ${event}: ${this.output}`)
      await Promise.race([once(this.#child.stdout, 'data'), once(this.#child, 'close')])
    }
  }

  /** The response to a `GET`. */
  get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, { headers: { connection: 'close' } })
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await gone
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }

  #lines(): LogLine[] {
    const whole = this.output.slice(0, this.output.lastIndexOf('\n') + 1)
    return whole.split('\n').flatMap(line => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []))
  }
}
