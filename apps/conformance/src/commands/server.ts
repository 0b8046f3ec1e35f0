// `ws-conformance server URL`: tests a server.

import { type Case, isHandshake } from '@ws/conformance-cases'
import { judge, judgeHandshake } from '../engine/verdict.ts'
import { type FinishOptions, finish } from '../finish.ts'
import { agentOf } from '../roles/agent.ts'
import { dialCase, dialHandshake } from '../roles/dial.ts'
import { isLoopback, type Target } from '../roles/target.ts'
import { type Selection, selectCases } from '../select.ts'
import { runSuite } from '../suite.ts'
import { Progress } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

export interface ServerOptions extends Selection, FinishOptions {
  readonly target: Target
  /** Cases at the same time. */
  readonly jobs: number
  /** The name of the implementation in reports. Default: the Server header, or the host. */
  readonly agent?: string
  /** Milliseconds without progress after which a case ends. */
  readonly patience: number
  /** Octets of each write. Default: the frames of one turn are one write. */
  readonly chop?: number
  /** Consent to hostile messages to a host that is not this machine. */
  readonly yes: boolean
}

/** Runs the cases. Returns the exit status. */
export async function testServer(options: ServerOptions): Promise<number> {
  const { target, jobs } = options
  requireConsent(target, options.yes)
  const list = selectCases('server', options)
  const agent = options.agent ?? (await agentOf(target))
  const progress = new Progress(list.length)
  const clock = performance.now()
  const results = await runSuite(list, {
    jobs,
    run: each => runCase(each, target, options),
    onResult: (result, done) => progress.show(result, done),
  })
  progress.end()
  return finish(agent, results, (performance.now() - clock) / 1000, options)
}

async function runCase(
  each: Case,
  target: Target,
  { patience, chop }: Pick<ServerOptions, 'patience' | 'chop'>,
) {
  const peer = 'server' as const
  if (isHandshake(each)) {
    const outcome = await dialHandshake(each, target, chop)
    return { peer, outcome, verdict: judgeHandshake(each, outcome) }
  }
  const outcome = await dialCase(each, target, { patience, ...(chop === undefined ? {} : { chop }) })
  return { peer, outcome, verdict: judge(each, outcome, 'client') }
}

/** Throws a `UsageError` unless the host is this machine, or the user agreed. */
export function requireConsent({ url }: Target, yes: boolean): void {
  if (yes || isLoopback(url)) return
  throw new UsageError(
    `${url.hostname} is not this machine. The cases send invalid and large messages that can harm a service: test only what is yours, with --yes`,
  )
}
