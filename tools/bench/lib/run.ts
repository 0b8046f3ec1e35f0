// A server and a load generator, each a process of its own on a core of its own.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child } from '@ws/testing/child'
import { chooseCores } from '@ws/testing/machine'
import type { Held, Job, LoadResult } from '../load/job.ts'
import type { Contender, Task } from './contenders.ts'

const LOAD = join(import.meta.dirname, '..', 'load', 'main.ts')

/** Milliseconds that a million messages may take. */
const TALK = 300_000

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
  patience: 10_000,
  compressed: false,
  messages: 0,
  held: 'unread',
  raw: false,
}

/** A server that runs, until it is disposed of. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number
  readonly #contender: Contender
  readonly #child: Child

  private constructor(contender: Contender, child: Child, port: number) {
    this.#contender = contender
    this.#child = child
    this.port = port
  }

  /** Starts it. Rejects if it cannot be had or does not listen. */
  static async start(contender: Contender, task: Task): Promise<ServerProcess> {
    const program = contender.programs?.[task] ?? task
    const child = new Child(contender.name, chooseCores().server, [...contender.command(), program])
    try {
      return new ServerProcess(contender, child, Number(await child.next()))
    } catch (error) {
      await child[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Runs one job against it. Rejects if either of the two fails. */
  async run(job: Partial<Job>): Promise<LoadResult> {
    const { port } = this
    try {
      return await runLoad({ port, raw: this.#contender.raw, pid: this.#child.pid!, ...job })
    } catch (error) {
      throw await this.#blame(error)
    }
  }

  /** Bytes of memory that it has to itself, once it has collected its garbage, while that many connections are idle. */
  async memoryWith(connections: number, compressed = false): Promise<number> {
    if (connections === 0) return this.#memory()
    return this.#memoryDuring({ kind: 'idle', connections, compressed })
  }

  /** The same while each of that many connections makes it hold what it can. */
  memoryHeldBy(connections: number, held: Held): Promise<number> {
    return this.#memoryDuring({ kind: 'hold', connections, held })
  }

  /** The same once the load says that it is in place. */
  async #memoryDuring(job: Partial<Job>): Promise<number> {
    await using load = startLoad({ ...DEFAULTS, port: this.port, ...job })
    try {
      await load.next()
    } catch (error) {
      throw await this.#blame(error)
    }
    return await this.#memory()
  }

  /** The same before so many connections have had so many compressed messages of `size` echoed each, and after that. */
  async memoryAround(
    connections: number,
    messages: number,
    size: number,
  ): Promise<{ readonly before: number; readonly after: number }> {
    const { port } = this
    await using load = startLoad({
      ...DEFAULTS,
      kind: 'idle',
      port,
      connections,
      compressed: true,
      messages,
      size,
    })
    try {
      await load.next()
      const before = await this.#memory()
      load.say('talk')
      await load.next(TALK)
      return { before, after: await this.#memory() }
    } catch (error) {
      throw await this.#blame(error)
    }
  }

  async #memory(): Promise<number> {
    for (let i = 0; i < 2; i++) {
      this.#child.say('gc')
      await this.#child.next()
    }
    return residentBytesOf(this.#child.pid!)
  }

  /** If the server is gone, that is why the load failed. */
  async #blame(error: unknown): Promise<unknown> {
    const end = await this.#child.end()
    return end === undefined ? error : this.#child.error(`${end} under load`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
  }
}

/** Rejects with the reason if a contender cannot be had or does not start; each says a line once it has. */
export async function checkStart(contender: Contender): Promise<void> {
  await using child = new Child(contender.name, chooseCores().server, [...contender.command(), 'idle'])
  await child.next()
}

/** Runs one job against whatever listens on its port. Rejects with what was wrong with the replies, if something was. */
export async function runLoad(
  job: Partial<Job> & { readonly port: number; readonly pid: number },
): Promise<LoadResult> {
  const whole: Job = { ...DEFAULTS, ...job }
  await using load = startLoad(whole)
  return JSON.parse(await load.next(whole.warmup + whole.duration)) as LoadResult
}

function startLoad(job: Job): Child {
  return new Child('the load', chooseCores().load, [process.execPath, LOAD, JSON.stringify(job)])
}

function residentBytesOf(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))!
  return Number(kibibytes) * 1024
}
