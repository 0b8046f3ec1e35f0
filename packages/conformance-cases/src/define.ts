// Short forms of steps and cases, for the tables of groups/.

import type { Closing, Event, ExchangeCase, FrameStep, Payload, Step, Verdicts } from './case.ts'

export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

export const hex = (digits: string): Payload => ({ hex: digits })
export const ascii = (text: string): Payload => ({ ascii: text })
export const repeat = (digits: string, bytes: number): Payload => ({ repeatHex: digits, bytes })
export const NOTHING: Payload = hex('')

/** One final frame, unless `more` says otherwise. */
export function frame(
  op: number,
  payload: Payload = NOTHING,
  more: Partial<FrameStep['frame']> & Pick<FrameStep, 'chop' | 'sync' | 'times'> = {},
): FrameStep {
  const { chop, sync, times, ...fields } = more
  return {
    frame: { op, fin: true, rsv: 0, payload, ...fields },
    ...(chop === undefined ? {} : { chop }),
    ...(sync === undefined ? {} : { sync }),
    ...(times === undefined ? {} : { times }),
  }
}

/** A message as one frame for each payload; the last one is final. */
export function message(op: number, payloads: readonly Payload[], writing: Writing = {}): FrameStep[] {
  return payloads.map((payload, i) =>
    frame(i === 0 ? op : 0, payload, { fin: i === payloads.length - 1, ...writing }),
  )
}

/** How the frames of a case are written; see `Writing` in case.ts. */
export type Writing = Pick<FrameStep, 'chop' | 'sync'>

/** The same frames as one write, a write each, and octet by octet. */
export const WRITINGS: readonly (readonly [words: string, writing: Writing])[] = [
  ['sent in one write', {}],
  ['sent in a write each', { sync: true }],
  ['sent octet by octet', { chop: 1 }],
]

export const echo = (op: number, ...steps: number[]): Event => ({ message: { op, echo: steps } })
export const receives = (op: number, content: Payload): Event => ({ message: { op, content } })
export const pong = (...steps: number[]): Event => ({ pong: { echo: steps } })

const STRICT: Verdicts = { ok: [0], nonStrict: [], informational: false }

/** The tester closes with 1000 when the events are right, and expects a clean end. */
const BY_TESTER: Closing = {
  by: 'tester',
  clean: true,
  codes: [1000],
  auto: 1000,
  wrongCodeFails: false,
  wrongSideFails: false,
}

type Named = Pick<ExchangeCase, 'id' | 'title'>
/** What the cases of a group share. */
export type Group = Pick<ExchangeCase, 'group' | 'requirement' | 'rfc'>

type Draft = Named & Group & { readonly send: readonly Step[] } & Partial<Omit<ExchangeCase, keyof Group>>

/** A case in which the peer answers with these events, and the tester closes. */
export function answers(draft: Draft, events: readonly Event[], close: Partial<Closing> = {}): ExchangeCase {
  return {
    connect: { path: '/', subprotocols: [], deflate: null },
    check: 'events',
    expect: [events],
    verdicts: STRICT,
    ...draft,
    close: { ...BY_TESTER, ...close },
  }
}

/**
 * A case in which the peer must fail the connection with one of these codes. Events before that are
 * accepted in the first sequence; to leave them out is not strict.
 */
export function fails(
  draft: Draft,
  codes: readonly number[],
  before: readonly Event[] = [],
  close: Partial<Closing> = {},
): ExchangeCase {
  const loose = before.length > 0
  return {
    connect: { path: '/', subprotocols: [], deflate: null },
    check: 'events',
    expect: loose ? [before, []] : [[]],
    verdicts: { ...STRICT, nonStrict: loose ? [1] : [] },
    ...draft,
    close: { ...BY_TESTER, by: 'peer', clean: false, auto: null, codes, ...close },
  }
}

/** A case that shows a behavior and judges nothing. */
export function shows(each: ExchangeCase): ExchangeCase {
  return { ...each, verdicts: { ok: [], nonStrict: [], informational: true } }
}
