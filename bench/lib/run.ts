// A server and a load generator, each a process of its own on a core of its own.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Job, LoadResult } from '../load/job.ts'
import type { Contender, Task } from './contenders.ts'

type Child = ChildProcessByStdio<Writable, Readable, null>

const LOAD = join(import.meta.dirname, '..', 'load', 'main.ts')
const SERVER_CORE = '0'
const LOAD_CORE = '1'
/** A server that says nothing for so many milliseconds is not coming. */
const PATIENCE = 60_000

/** What a job has where a benchmark says nothing else. */
const DEFAULTS: Job = {
  kind: 'echo',
  port: 0,
  pid: 0,
  connections: 100,
  warmup: 1000,
  duration: 2000,
  size: 20,
  type: 'text',
  inFlight: 1,
  rate: 0,
  raw: false,
}

/** A server that runs, until it is disposed of. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number
  readonly #contender: Contender
  readonly #child: Child
  readonly #lines: Lines

  private constructor(contender: Contender, child: Child, lines: Lines, port: number) {
    this.#contender = contender
    this.#child = child
    this.#lines = lines
    this.port = port
  }

  /** Starts it. Rejects if it cannot be had or does not listen. */
  static async start(contender: Contender, task: Task): Promise<ServerProcess> {
    const child = spawnOn(SERVER_CORE, [...contender.command(), task])
    const lines = new Lines(child)
    const port = Number(await lines.next(`${contender.name} did not start`))
    return new ServerProcess(contender, child, lines, port)
  }

  /** Runs one job against it. */
  async run(job: Partial<Job>): Promise<LoadResult> {
    const { port, raw } = { port: this.port, raw: this.#contender.raw }
    const whole: Job = { ...DEFAULTS, port, raw, pid: this.#child.pid!, ...job }
    const load = spawnOn(LOAD_CORE, [process.execPath, LOAD, JSON.stringify(whole)])
    return JSON.parse(await new Lines(load).next(`the load on ${this.#contender.name} failed`))
  }

  /** Bytes of memory that it has to itself, once it has collected its garbage, while that many connections are idle. */
  async memoryWith(connections: number): Promise<number> {
    if (connections === 0) return this.#memory()
    const whole: Job = { ...DEFAULTS, kind: 'idle', port: this.port, connections }
    const load = spawnOn(LOAD_CORE, [process.execPath, LOAD, JSON.stringify(whole)])
    await new Lines(load).next(`${this.#contender.name} did not take ${connections} connections`)
    const memory = await this.#memory()
    load.stdin.end()
    return memory
  }

  async #memory(): Promise<number> {
    for (let i = 0; i < 2; i++) {
      this.#child.stdin.write('gc\n')
      await this.#lines.next(`${this.#contender.name} did not collect its garbage`)
    }
    return residentBytesOf(this.#child.pid!)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await gone
  }
}

/** Throws an `Error` unless this machine can run what is measured with. */
export function checkMachine(): void {
  if (!existsSync('/proc/self/schedstat'))
    throw new Error('these benchmarks read CPU times as Linux has them')
  if (availableParallelism() < 2)
    throw new Error('these benchmarks need two cores, one for the server and one for the load')
}

function spawnOn(core: string, command: readonly string[]): Child {
  return spawn('taskset', ['--cpu-list', core, ...command], { stdio: ['pipe', 'pipe', 'inherit'] })
}

function residentBytesOf(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))!
  return Number(kibibytes) * 1024
}

/** The lines that a process prints. */
class Lines {
  readonly #lines: Interface

  constructor(child: Child) {
    this.#lines = createInterface({ input: child.stdout })
  }

  /** The next one. Rejects if the process ends first, or says nothing for too long. */
  next(complaint: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(complaint))
      const timer = setTimeout(fail, PATIENCE)
      const onLine = (line: string): void => {
        clearTimeout(timer)
        this.#lines.off('close', fail)
        resolve(line)
      }
      this.#lines.once('line', onLine)
      this.#lines.once('close', fail)
    })
  }
}
