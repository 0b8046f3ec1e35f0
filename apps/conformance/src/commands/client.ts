// `ws-conformance client`: serves the cases to clients under test.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FinishOptions, finish } from '../finish.ts'
import { writeReports } from '../report/folder.ts'
import { CaseServer } from '../roles/listen.ts'
import { type Selection, selectCases } from '../select.ts'
import { Progress } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

export interface ClientOptions extends Selection, FinishOptions {
  readonly port: number
  readonly host: string
  /** Milliseconds without progress after which a case ends. */
  readonly patience: number
  /** A program to run, with its arguments; empty to wait for drivers. */
  readonly command: readonly string[]
}

/**
 * Serves the cases until a driver, the command or a signal ends the run. Returns the exit status:
 * that of the verdicts, or 3 if no client ran a case.
 */
export async function testClient(options: ClientOptions): Promise<number> {
  const { port, host, patience, command, out } = options
  const list = selectCases('client', options)
  const progress = new Progress(list.length)
  const stopped = Promise.withResolvers<void>()
  const server = new CaseServer({
    list,
    patience,
    onResult: (_agent, result, done) => progress.show(result, done),
    onUpdate: async agent => {
      if (out !== undefined) await writeReports(out, agent, server.results().get(agent) ?? [])
    },
    onStop: () => stopped.resolve(),
  })
  const actual = await server.listen(port, host).catch((error: Error) => {
    throw new UsageError(`cannot listen on ${host}:${port}: ${error.message}`)
  })
  const url = `ws://${host.includes(':') ? `[${host}]` : host}:${actual}`
  console.error(`${list.length} cases at ${url}; a driver ends the run with /stopServer, you with Ctrl-C`)
  const clock = performance.now()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve())
  const child = command.length === 0 ? undefined : runCommand(command, url)
  try {
    await Promise.race([stopped.promise, ...(child === undefined ? [] : [child.ended])])
  } finally {
    child?.end()
    progress.end()
    await server.close()
  }
  return report(server, (performance.now() - clock) / 1000, options)
}

const NOTHING_RAN = 3

async function report(server: CaseServer, seconds: number, options: ClientOptions): Promise<number> {
  const results = server.results()
  if (results.size === 0) {
    console.error('no client ran a case')
    return NOTHING_RAN
  }
  let status = 0
  for (const [agent, each] of results) {
    console.log(`${agent}:`)
    status = Math.max(status, await finish(agent, each, seconds, options))
  }
  return status
}

/** Starts the client under test. It finds the address in WS_CONFORMANCE_URL. */
function runCommand([program, ...args]: readonly string[], url: string) {
  const child = spawn(program!, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, WS_CONFORMANCE_URL: url },
  })
  const ended = once(child, 'exit').then(
    () => undefined,
    (error: Error) => {
      throw new UsageError(`cannot run ${program}: ${error.message}`)
    },
  )
  return { ended, end: () => void child.kill() }
}
