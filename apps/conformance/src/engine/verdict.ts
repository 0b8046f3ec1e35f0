// Judges an outcome: the verdict on the behavior of the peer, and the verdict on the end of the
// connection.

import type { ExchangeCase, HandshakeCase } from '@ws/conformance-cases'
import type { Role } from '@ws/frame'
import { matches } from './events.ts'
import { fieldOf } from './handshake-head.ts'
import type { Outcome } from './outcome.ts'

type Behavior = 'OK' | 'NON-STRICT' | 'FAILED' | 'INFORMATIONAL' | 'UNIMPLEMENTED'
type CloseBehavior = 'OK' | 'FAILED' | 'WRONG CODE' | 'UNCLEAN' | 'FAILED BY CLIENT' | 'INFORMATIONAL'

export interface Verdict {
  readonly behavior: Behavior
  readonly behaviorClose: CloseBehavior
  /** One sentence on each. */
  readonly result: string
  readonly resultClose: string
}

interface Judged<T> {
  readonly verdict: T
  readonly why: string
}

/** `role` is that of the tester. */
export function judge(each: ExchangeCase, outcome: Outcome, role: Role): Verdict {
  const events = judgeEvents(each, outcome)
  const close = judgeClose(each, outcome, role)
  const { wrongSideFails, wrongCodeFails } = each.close
  const wrongSide = wrongSideFails && close.verdict === 'FAILED'
  const wrongCode = wrongCodeFails && close.verdict === 'WRONG CODE'
  const behavior: Judged<Behavior> =
    (wrongSide || wrongCode) && outcome.opened ? { verdict: 'FAILED', why: close.why } : events
  if (!each.verdicts.informational)
    return {
      behavior: behavior.verdict,
      behaviorClose: close.verdict,
      result: behavior.why,
      resultClose: close.why,
    }
  return {
    behavior: 'INFORMATIONAL',
    behaviorClose: 'INFORMATIONAL',
    result: noteOf(each, outcome) ?? events.why,
    resultClose: close.why,
  }
}

/** Judges an opening handshake. */
export function judgeHandshake(each: HandshakeCase, outcome: Outcome): Verdict {
  const { verdict, why } = each.only === 'server' ? judgeResponse(each, outcome) : judgeClient(each, outcome)
  return { behavior: verdict, behaviorClose: 'OK', result: why, resultClose: 'not part of the case' }
}

function judgeResponse({ outcome: expected }: HandshakeCase, outcome: Outcome): Judged<Behavior> {
  const { status } = outcome
  if (outcome.openTimeout) return { verdict: 'FAILED', why: 'the server did not respond in time' }
  if (expected.expect === 'reject') return judgeRejection(expected, outcome)
  if (outcome.opened) {
    const wrong = judgeFields(expected, outcome.rawHeaders ?? [])
    if (wrong !== undefined) return { verdict: 'FAILED', why: wrong }
    return { verdict: 'OK', why: 'the handshake succeeded' }
  }
  if (status === 101) return { verdict: 'FAILED', why: 'Sec-WebSocket-Accept does not answer the key' }
  const why = `expected the status 101, got ${status ?? 'no response'}`
  return { verdict: expected.mayReject && status !== undefined ? 'NON-STRICT' : 'FAILED', why }
}

function judgeRejection(expected: HandshakeCase['outcome'], outcome: Outcome): Judged<Behavior> {
  const { status, rawHeaders = [] } = outcome
  const { statuses } = expected
  const isListed = status !== undefined && statuses.includes(status)
  if (status === 101) {
    const why = 'the handshake succeeded, and should have failed'
    return { verdict: expected.mayOpen ? 'NON-STRICT' : 'FAILED', why }
  }
  if (statuses.length > 0 && !isListed) {
    const why = `expected the status ${statuses.join(' or ')}, got ${status ?? 'no response'}`
    return { verdict: 'NON-STRICT', why }
  }
  const wrong = judgeFields(expected, rawHeaders)
  if (wrong !== undefined) return { verdict: 'FAILED', why: wrong }
  return { verdict: 'OK', why: `the handshake was rejected with ${status ?? 'the end of TCP'}` }
}

function judgeFields(
  { fields = [], without = [] }: HandshakeCase['outcome'],
  rawHeaders: readonly string[],
): string | undefined {
  for (const [name, part] of fields) {
    const value = fieldOf(rawHeaders, name)
    if (value === undefined) return `the response has no ${name}`
    if (!value.toLowerCase().includes(part.toLowerCase()))
      return `${name} of the response is "${value}", expected "${part}"`
  }
  const excess = without.find(name => fieldOf(rawHeaders, name) !== undefined)
  return excess === undefined ? undefined : `the response has ${excess}, which it must not have`
}

/** `opened` says that the client used the connection, or kept it. */
function judgeClient({ outcome: expected }: HandshakeCase, outcome: Outcome): Judged<Behavior> {
  const isRight = outcome.opened === (expected.expect === 'open')
  const why = outcome.opened ? 'the client accepted the response' : 'the client rejected the response'
  return { verdict: isRight ? 'OK' : 'FAILED', why }
}

function judgeEvents(each: ExchangeCase, outcome: Outcome): Judged<Behavior> {
  const { expect, verdicts, check } = each
  if (!outcome.opened)
    return { verdict: 'FAILED', why: outcome.openError ?? 'the opening handshake was not finished' }
  if (verdicts.unimplemented !== undefined && !outcome.compressed)
    return { verdict: 'UNIMPLEMENTED', why: 'the peer did not negotiate permessage-deflate' }
  if (check === 'echoLength' || check === 'echoRounds' || check === 'echoContent') {
    if (outcome.passed) return { verdict: 'OK', why: 'every echo was right' }
    return { verdict: 'FAILED', why: outcome.failure ?? outcome.fault ?? 'an echo is missing' }
  }
  const index = expect.findIndex(sequence => matches(each, sequence, outcome.events))
  if (index >= 0 && check === 'maskingKeys') {
    const why = judgeKeys(outcome.maskingKeys)
    if (why !== undefined) return { verdict: 'FAILED', why }
  }
  if (verdicts.ok.includes(index)) return { verdict: 'OK', why: 'the events are those expected' }
  if (verdicts.nonStrict.includes(index))
    return { verdict: 'NON-STRICT', why: 'the events are accepted, but a strict peer does better' }
  return { verdict: 'FAILED', why: outcome.fault ?? outcome.failure ?? 'the events are not those expected' }
}

/** "The masking key needs to be unpredictable" (RFC 6455 §5.3). */
function judgeKeys(keys: readonly number[]): string | undefined {
  if (keys.every(key => key === 0)) return 'every masking key is zero'
  return new Set(keys).size < keys.length ? 'a masking key was used more than once' : undefined
}

function noteOf({ expect, verdicts }: ExchangeCase, outcome: Outcome): string | undefined {
  if (verdicts.note === undefined) return undefined
  const messages = outcome.events.filter(({ kind }) => kind === 'message').length
  const seen = expect.findIndex(sequence => sequence.length === 0) === 1 && messages > 0 ? '0' : '1'
  return verdicts.note[seen]
}

/** The first rule that applies. */
function judgeClose({ close }: ExchangeCase, outcome: Outcome, role: Role): Judged<CloseBehavior> {
  if (!outcome.opened) return { verdict: 'FAILED', why: 'the connection was never open' }
  if (outcome.closedBy !== close.by) {
    const [did, should] = [nameOf(outcome.closedBy), nameOf(close.by)]
    return { verdict: 'FAILED', why: `${did} closed the connection, and ${should} should have` }
  }
  if (close.clean && (!outcome.closeReceived || outcome.closeTimeout || outcome.dropTimeout))
    return { verdict: 'UNCLEAN', why: `the closing handshake was not completed: ${unclean(outcome)}` }
  const { remoteCode } = outcome
  if (remoteCode !== null && !close.codes.includes(remoteCode)) {
    const codes = [...new Set(close.codes)].join(' or ')
    return { verdict: 'WRONG CODE', why: `the peer closed with ${remoteCode}, and should have used ${codes}` }
  }
  if (role === 'client' && outcome.dropped)
    return { verdict: 'FAILED BY CLIENT', why: 'the server did not end TCP' }
  return { verdict: 'OK', why: 'the connection was closed as it should be' }
}

function nameOf(side: 'tester' | 'peer'): string {
  return side === 'tester' ? 'the tester' : 'the peer'
}

/** Why the end was not clean, in a few words. */
export function unclean(outcome: Outcome): string {
  if (outcome.closeTimeout) return 'the peer did not answer the Close in time'
  if (outcome.dropTimeout) return 'the peer did not end TCP in time'
  return 'the peer ended TCP without a Close'
}
