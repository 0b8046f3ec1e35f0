// `ws-conformance run CASE`: one case against a server, explained, with every frame if asked.

import { styleText } from 'node:util'
import { isHandshake } from '@ws/conformance-cases'
import { nameOfOpcode } from '../describe.ts'
import { judge, judgeHandshake } from '../engine/verdict.ts'
import type { WireEntry } from '../engine/wire-log.ts'
import { type CaseResult, isFailure } from '../result.ts'
import { dialCase, dialHandshake } from '../roles/dial.ts'
import type { Target } from '../roles/target.ts'
import { selectCases } from '../select.ts'
import { explain } from '../terminal.ts'
import { requireConsent } from './server.ts'

export interface RunOptions {
  readonly target: Target
  readonly trace: boolean
  readonly patience: number
  readonly yes: boolean
}

/** Runs the case and prints the verdict. Returns the exit status. */
export async function runOneCase(id: string, { target, trace, patience, yes }: RunOptions): Promise<number> {
  requireConsent(target, yes)
  const [each] = selectCases('server', { only: [id] })
  const clock = performance.now()
  const onEntry = (entry: WireEntry) => {
    const line = traceLine(entry)
    if (line !== undefined) console.log(`${(performance.now() - clock).toFixed(1).padStart(8)} ms  ${line}`)
  }
  const settings = { patience, ...(trace ? { onEntry } : {}) }
  const result: CaseResult = { case: each!, number: 1, peer: 'server', ...(await run()) }
  console.log(explain(result).join('\n'))
  return isFailure(result, false) ? 1 : 0

  async function run(): Promise<Pick<CaseResult, 'outcome' | 'verdict'>> {
    if (isHandshake(each!)) {
      const outcome = await dialHandshake(each, target)
      if (trace) console.log(`${outcome.request}\n${outcome.response}\n`)
      return { outcome, verdict: judgeHandshake(each, outcome) }
    }
    const outcome = await dialCase(each!, target, settings)
    return { outcome, verdict: judge(each!, outcome, 'client') }
  }
}

/** One entry of the wire log. Octets are left out: their frames say more. */
function traceLine(entry: WireEntry): string | undefined {
  switch (entry[0]) {
    case 'TF': {
      const [, [length, text], op, fin, rsv, mask] = entry
      return styleText('cyan', `→ ${frameText(op, fin, rsv, length, text, mask)}`)
    }
    case 'RF': {
      const [, [length, text], op, fin, rsv, , mask] = entry
      return styleText('green', `← ${frameText(op, fin, rsv, length, text, mask)}`)
    }
    case 'TO':
    case 'RO':
      return undefined
    case 'KL':
      return `  the tester ends the case after ${entry[1]} s`
    case 'TI':
      return `  the tester closes after ${entry[1]} s`
    case 'KLE':
    case 'TIE':
      return '  the time is over'
    case 'CT':
      return `  pause of ${entry[1]} s`
    case 'CTE':
      return '  end of the pause'
    case 'WLM':
      return entry[1] ? '  the log goes on' : '  the log is off while data flows'
  }
}

function frameText(
  op: number,
  fin: boolean,
  rsv: number,
  length: number,
  text: string,
  mask: string | null,
): string {
  const bits = rsv === 0 ? '' : ` rsv ${rsv.toString(2).padStart(3, '0')}`
  return `${nameOfOpcode(op)}${fin ? '' : ' not final'}${bits} ${length}${mask === null ? '' : ` mask ${mask}`}  ${text}`
}
