// The parent's end of server.ts: starts it, asks it, ends it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Account, Question, Ready, Settings } from './server.ts'

const PROGRAM = fileURLToPath(new URL('server.ts', import.meta.url))

/** A server that runs in a process of its own; gone with its scope (`await using`). */
export class ServerApart {
  readonly child: ChildProcess
  readonly port: number
  /** Where `headTimeout` applies. */
  readonly attachedPort: number
  readonly #exited: Promise<unknown>
  #asked: Promise<void> = Promise.resolve()

  private constructor(child: ChildProcess, { port, attachedPort }: Ready, exited: Promise<unknown>) {
    this.child = child
    this.port = port
    this.attachedPort = attachedPort
    this.#exited = exited
  }

  /** `prefix` is what the program is run under: `['strace', '-f', …]`. */
  static async start(settings: Settings = {}, prefix: readonly string[] = []): Promise<ServerApart> {
    const command = [
      ...prefix,
      process.execPath,
      '--expose-gc',
      '--unhandled-rejections=strict',
      PROGRAM,
      JSON.stringify(settings),
    ]
    const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const exited = new Promise(resolve => child.once('exit', resolve))
    const failed = exited.then(() => Promise.reject(new Error('the server ended before it listened')))
    const [ready] = await Promise.race([once(child, 'message') as Promise<[Ready]>, failed])
    failed.catch(() => {})
    return new ServerApart(child, ready, exited)
  }

  /** What it holds and has seen; one question at a time. Rejects if it has ended. */
  ask(question: Question): Promise<Account> {
    const answer = this.#asked.then(() => this.#ask(question))
    this.#asked = answer.then(
      () => {},
      () => {},
    )
    return answer
  }

  async #ask(question: Question): Promise<Account> {
    const answer = once(this.child, 'message') as Promise<[Account]>
    const ended = this.#exited.then(() => Promise.reject(new Error('the server has ended')))
    ended.catch(() => {})
    this.child.send(question, error => {
      if (error) this.child.kill('SIGKILL')
    })
    const [account] = await Promise.race([answer, ended])
    return account
  }

  /** Asks for its account until that satisfies the predicate, and gives it; after `patience` milliseconds gives what there is. */
  async settled(predicate: (account: Account) => boolean, patience = 5000): Promise<Account> {
    for (const until = performance.now() + patience; ; ) {
      const account = await this.ask('account')
      if (predicate(account) || performance.now() > until) return account
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.connected) this.child.disconnect()
    await this.#exited
  }
}

/** Whether there are no more handles of any kind than there were, and no sockets. */
export function isQuiet(before: Account): (now: Account) => boolean {
  return now =>
    now.stats.sockets === 0 &&
    Object.entries(now.handles).every(([kind, count]) => count <= (before.handles[kind] ?? 0))
}
