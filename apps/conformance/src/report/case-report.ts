// The report of one case, in the shape that tools for conformance reports read.

import { type ExchangeCase, isHandshake } from '@ws/conformance-cases'
import { describeExpectation, formatSections } from '../describe.ts'
import { contentOf, messageOf } from '../engine/events.ts'
import type { Observed, Traffic } from '../engine/outcome.ts'
import { unclean } from '../engine/verdict.ts'
import type { WireEntry } from '../engine/wire-log.ts'
import { excerptText } from '../engine/wire-log.ts'
import type { CaseResult } from '../result.ts'

type ReportedEvent =
  | readonly ['message', text: string, isBinary: boolean]
  | readonly ['pong', text: string]
  | readonly ['timeout', label: string]

/** One case. Lengths are octets, durations milliseconds, times ISO 8601 in UTC. */
export interface CaseReport {
  readonly case: number
  readonly id: string
  readonly agent: string
  readonly description: string
  readonly expectation: string
  readonly result: string
  readonly resultClose: string
  readonly started: string
  readonly httpRequest: string
  readonly httpResponse: string
  readonly duration: number
  readonly behavior: string
  readonly behaviorClose: string
  readonly reportTime: boolean
  readonly reportCompressionRatio: boolean
  readonly isServer: boolean
  readonly createStats: boolean
  readonly createWirelog: boolean
  readonly closedByMe: boolean
  readonly failedByMe: boolean
  readonly droppedByMe: boolean
  readonly wasClean: boolean
  readonly wasServerConnectionDropTimeout: boolean
  readonly wasOpenHandshakeTimeout: boolean
  readonly wasCloseHandshakeTimeout: boolean
  readonly wasNotCleanReason: string | null
  readonly localCloseCode: number | null
  readonly remoteCloseCode: number | null
  readonly localCloseReason: string | null
  readonly remoteCloseReason: string | null
  readonly rxOctetStats: Readonly<Record<string, number>>
  readonly txOctetStats: Readonly<Record<string, number>>
  readonly rxFrameStats: Readonly<Record<string, number>>
  readonly txFrameStats: Readonly<Record<string, number>>
  readonly expected: Readonly<Record<string, readonly ReportedEvent[]>>
  readonly received: readonly ReportedEvent[]
  readonly expectedClose: Readonly<Record<string, unknown>>
  readonly wirelog: readonly WireEntry[]
  readonly trafficStats: Readonly<Record<string, number>> | null
}

/** The report of a result. `agent` is the name of the implementation. */
export function createCaseReport(result: CaseResult, agent: string): CaseReport {
  const { case: each, outcome, verdict, number, peer } = result
  const clean = outcome.closeSent && outcome.closeReceived && !outcome.dropTimeout
  return {
    case: number,
    id: each.id,
    agent,
    description: `${each.title}. ${each.requirement} (${formatSections(each.rfc)})`,
    expectation: isHandshake(each) ? each.requirement : describeExpectation(each),
    result: verdict.result,
    resultClose: verdict.resultClose,
    started: outcome.started.toISOString(),
    httpRequest: outcome.request,
    httpResponse: outcome.response,
    duration: outcome.duration,
    behavior: verdict.behavior,
    behaviorClose: verdict.behaviorClose,
    reportTime: measures(result, 'time'),
    reportCompressionRatio: measures(result, 'ratio'),
    // Whether the tester is the server.
    isServer: peer === 'client',
    createStats: true,
    createWirelog: true,
    closedByMe: outcome.closedBy === 'tester',
    failedByMe: outcome.fault !== undefined,
    droppedByMe: outcome.dropped,
    wasClean: clean,
    wasServerConnectionDropTimeout: outcome.dropTimeout,
    wasOpenHandshakeTimeout: outcome.openTimeout,
    wasCloseHandshakeTimeout: outcome.closeTimeout,
    wasNotCleanReason: clean ? null : outcome.opened ? unclean(outcome) : (outcome.openError ?? null),
    localCloseCode: outcome.localCode,
    remoteCloseCode: outcome.remoteCode,
    localCloseReason: outcome.localReason,
    remoteCloseReason: outcome.remoteReason,
    rxOctetStats: outcome.log.rxOctets,
    txOctetStats: outcome.log.txOctets,
    rxFrameStats: outcome.log.rxFrames,
    txFrameStats: outcome.log.txFrames,
    expected: isHandshake(each) ? {} : expectedOf(each),
    received: outcome.events.map(reportObserved),
    expectedClose: isHandshake(each)
      ? {}
      : {
          closedByMe: each.close.by === 'tester',
          closeCode: each.close.codes,
          requireClean: each.close.clean,
          ...(each.close.wrongSideFails ? { closedByWrongEndpointIsFatal: true } : {}),
        },
    wirelog: outcome.log.entries,
    trafficStats: outcome.opened ? trafficOf(outcome.traffic) : null,
  }
}

function measures({ case: each }: CaseResult, what: string): boolean {
  return !isHandshake(each) && (each.measure?.split(',').includes(what) ?? false)
}

function expectedOf(each: ExchangeCase): Record<string, ReportedEvent[]> {
  const { ok, nonStrict } = each.verdicts
  if (each.check !== 'events' && each.check !== 'maskingKeys') return {}
  const entries = [
    ['OK', ok],
    ['NON-STRICT', nonStrict],
  ] as const
  const found = entries.flatMap(([name, [index]]) =>
    index === undefined
      ? []
      : [[name, each.expect[index]!.map(event => reportExpected(each, event))] as const],
  )
  return Object.fromEntries(found)
}

function reportExpected(each: ExchangeCase, event: ExchangeCase['expect'][number][number]): ReportedEvent {
  if ('timeout' in event) return ['timeout', event.timeout]
  if ('pong' in event) return ['pong', excerptText(contentOf(each, event.pong.echo))[1]]
  return ['message', excerptText(messageOf(each, event.message))[1], event.message.op === 2]
}

function reportObserved(event: Observed): ReportedEvent {
  if (event.kind === 'timeout') return ['timeout', event.label]
  const text = event.content === undefined ? '' : excerptText(event.content)[1]
  return event.kind === 'pong' ? ['pong', text] : ['message', text, event.op === 2]
}

function trafficOf(traffic: Traffic): Record<string, number> {
  const overhead = (wire: number, payload: number) => (payload === 0 ? 0 : round(wire / payload - 1))
  const ratio = (payload: number, app: number) => (app === 0 ? 0 : round(payload / app))
  return {
    incomingOctetsAppLevel: traffic.incomingApp,
    incomingOctetsWebSocketLevel: traffic.incomingWebSocket,
    incomingOctetsWireLevel: traffic.incomingWire,
    incomingWebSocketFrames: traffic.incomingFrames,
    incomingWebSocketMessages: traffic.incomingMessages,
    incomingCompressionRatio: ratio(traffic.incomingWebSocket, traffic.incomingApp),
    incomingWebSocketOverhead: overhead(traffic.incomingWire, traffic.incomingWebSocket),
    outgoingOctetsAppLevel: traffic.outgoingApp,
    outgoingOctetsWebSocketLevel: traffic.outgoingWebSocket,
    outgoingOctetsWireLevel: traffic.outgoingWire,
    outgoingWebSocketFrames: traffic.outgoingFrames,
    outgoingWebSocketMessages: traffic.outgoingMessages,
    outgoingCompressionRatio: ratio(traffic.outgoingWebSocket, traffic.outgoingApp),
    outgoingWebSocketOverhead: overhead(traffic.outgoingWire, traffic.outgoingWebSocket),
    preopenIncomingOctetsWireLevel: traffic.preopenIncoming,
    preopenOutgoingOctetsWireLevel: traffic.preopenOutgoing,
  }
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
