import { isHandshake } from '@ws/conformance-cases'
import { judge, judgeHandshake } from '../src/engine/verdict.ts'
import type { CaseResult } from '../src/result.ts'
import { dialCase, dialHandshake } from '../src/roles/dial.ts'
import type { Target } from '../src/roles/target.ts'
import { selectCases } from '../src/select.ts'
import { runSuite } from '../src/suite.ts'

/** Runs the cases that match against a server. */
export function runCases(target: Target, only: readonly string[], patience = 10_000): Promise<CaseResult[]> {
  return runSuite(selectCases('server', { only }), {
    // Cases wait more than they work.
    jobs: 64,
    async run(each) {
      if (isHandshake(each)) {
        const outcome = await dialHandshake(each, target)
        return { peer: 'server', outcome, verdict: judgeHandshake(each, outcome) }
      }
      const outcome = await dialCase(each, target, { patience })
      return { peer: 'server', outcome, verdict: judge(each, outcome, 'client') }
    },
  })
}

/** The verdict of one case, both parts. */
export async function verdictOf(target: Target, id: string, patience?: number): Promise<string[]> {
  const [result] = await runCases(target, [id], patience)
  const { behavior, behaviorClose, result: why } = result!.verdict
  return [behavior, behaviorClose, why]
}

/** The verdicts that are not OK, by case. */
export function exceptionsOf(results: readonly CaseResult[]): Record<string, string> {
  return Object.fromEntries(
    results
      .filter(({ verdict }) => verdict.behavior !== 'OK' || verdict.behaviorClose !== 'OK')
      .map(({ case: each, verdict }) => [each.id, `${verdict.behavior} / ${verdict.behaviorClose}`]),
  )
}
