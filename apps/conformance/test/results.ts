import { cases } from '@ws/conformance-cases'
import { createTraffic, NEVER_OPEN } from '../src/engine/outcome.ts'
import type { Verdict } from '../src/engine/verdict.ts'
import { WireLog } from '../src/engine/wire-log.ts'
import type { CaseResult } from '../src/result.ts'

/** A result with this verdict, as if the case had been run. */
export function createResult(id: string, verdict: Partial<Verdict> = {}): CaseResult {
  const log = new WireLog()
  log.add(['TF', [5, 'Hello'], 1, true, 0, '01020304', null, null, false])
  return {
    case: cases.find(each => each.id === id)!,
    number: 1,
    peer: 'server',
    verdict: {
      behavior: 'OK',
      behaviorClose: 'OK',
      result: 'the events are those expected',
      resultClose: 'the connection was closed as it should be',
      ...verdict,
    },
    outcome: {
      ...NEVER_OPEN,
      request: 'GET / HTTP/1.1',
      response: 'HTTP/1.1 101 Switching Protocols',
      opened: true,
      openTimeout: false,
      compressed: false,
      started: new Date(0),
      duration: 12,
      traffic: createTraffic(),
      log,
    },
  }
}
