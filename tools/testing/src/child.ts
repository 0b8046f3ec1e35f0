// A process on a core of its own that is spoken with in lines. None outlives this one, however it ends.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** A child that says nothing for so many milliseconds more than it was given will not say it. */
const PATIENCE = 60_000
/** So many milliseconds pass between the end of a process and everybody's knowing it. */
const MOMENT = 200
/** Of what a child complains about, so many characters are kept. */
const COMPLAINT = 4096

const alive = new Set<Child>()
process.once('exit', () => {
  for (const child of alive) child.kill()
})

/** Ends the children, too, when this process is told to end. For programs; a library has no say in it. */
export function endByExit(): void {
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
}

/** A process that runs until it ends or is disposed of. */
export class Child implements AsyncDisposable {
  readonly #name: string
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lines: string[] = []
  readonly #gone: Promise<void>
  /** What it said on standard error. */
  #complaint = ''
  #end: string | undefined
  #wake: (() => void) | undefined

  /** Starts it; `name` is what errors call it. */
  constructor(name: string, core: string, command: readonly string[]) {
    this.#name = name
    this.#process = spawn('taskset', ['--cpu-list', core, ...command], { stdio: ['pipe', 'pipe', 'pipe'] })
    alive.add(this)
    this.#gone = new Promise(resolve => {
      // 'close' comes when all that it said has been read; after 'error' it may not come.
      const end = (how: string): void => {
        alive.delete(this)
        this.#end ??= how
        this.#wake?.()
        resolve()
      }
      this.#process.once('error', error => end(error.message))
      this.#process.once('close', (code, signal) => end(`it ended with ${signal ?? `code ${code}`}`))
    })
    // Whoever writes to a child that is gone hears of it by the next line that does not come.
    this.#process.stdin.on('error', () => {})
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT)
    })
    createInterface({ input: this.#process.stdout }).on('line', line => {
      this.#lines.push(line)
      this.#wake?.()
    })
  }

  /** Undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Says a line to it. */
  say(line: string): void {
    this.#process.stdin.write(`${line}\n`)
  }

  /**
   * The next line that it prints. Rejects with what it complained about if it ends first, or says nothing for a minute above
   * the milliseconds it has been `given`.
   */
  async next(given = 0): Promise<string> {
    const deadline = performance.now() + given + PATIENCE
    while (this.#lines.length === 0) {
      if (this.#end !== undefined) throw this.error(this.#end)
      if (performance.now() >= deadline) throw this.error('it said nothing')
      await this.#change(deadline - performance.now())
    }
    return this.#lines.shift()!
  }

  /** An error that says what happened, and what it complained about. */
  error(what: string): Error {
    const complaint = this.#complaint.trim()
    return new Error(`${this.#name}: ${what}${complaint === '' ? '' : `\n${complaint}`}`)
  }

  /** Why it ended, if it has or does so in a moment. */
  async end(): Promise<string | undefined> {
    if (this.#end === undefined)
      await Promise.race([this.#gone, new Promise(resolve => setTimeout(resolve, MOMENT))])
    return this.#end
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end === undefined) this.kill()
    await this.#gone
  }

  #change(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
    })
  }
}
