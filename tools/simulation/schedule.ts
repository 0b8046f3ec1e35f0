// What happens in one run, as data: drawn from a seed, shown in words, and left out step by step when a failure is made small.
// Knows who can do what, and nothing of how it is done.

import { ILLEGAL, SENT, type Sent } from './peer.ts'

/** What a user may call on a socket or on the server, from outside or within a handler. */
export type Call =
  | { readonly call: 'send'; readonly count: number; readonly size: number }
  | { readonly call: 'sendStream'; readonly source: Source }
  | { readonly call: 'ping'; readonly count: number; readonly size: number }
  | { readonly call: 'close'; readonly code: number }
  | { readonly call: 'terminate' }
  | { readonly call: 'subscribe' | 'unsubscribe'; readonly topic: string }
  | {
      readonly call: 'publish'
      readonly topic: string
      readonly slow: Slow
      readonly size: number
      readonly others: boolean
    }
  | { readonly call: 'await ready' | 'await closed' }
  | { readonly call: 'read' | 'write' | 'cancel' | 'abort' | 'end writing' }
  | { readonly call: 'close the server'; readonly timeout: number; readonly batch: number }

/** Where a message in pieces comes from. */
export type Source =
  | 'of three'
  | 'large'
  | 'throwing'
  | 'empty'
  | 'mixed'
  | 'by steps'
  | 'a stream of the web'

/** What becomes of those who read slowly. */
type Slow = 'queue' | 'drop-oldest' | 'latest' | 'close'

/** How a handler goes on after what it called. */
type Outcome = 'return' | 'resolve' | 'throw' | 'reject' | 'hold' | 'never' | 'leave'

/** What a handler does. */
export interface Act {
  readonly calls: readonly Call[]
  readonly outcome: Outcome
}

/** How the messages of a connection are handled. */
export type Kind = 'messages' | 'loop' | 'pieces' | 'streams' | 'bystander'

/** What `upgrade` answers. */
type Answer = 'at once' | 'later' | 'never' | 'no' | 'throw'

/** Something comes. */
export interface Connect {
  readonly step: 'connect'
  readonly kind: Kind
  readonly answer: Answer
  /** What its handlers do, one after the other and then again. */
  readonly acts: readonly Act[]
  readonly onDrain: Act
  readonly onClose: Act
  /** What the kernel keeps for the peer, and the stream's own mark. */
  readonly capacity: number
  readonly highWaterMark: number
  /** A first message comes in one packet with the request. */
  readonly behind: boolean
}

/** One thing that happens; `of` tells of which connection, counted around. */
export type Step =
  | Connect
  | {
      readonly step: 'peer sends'
      readonly of: number
      readonly what: Sent
      readonly size: number
      /** So many bytes arrive now, of these and of what was on its way. */
      readonly arrive: number
    }
  | { readonly step: 'bytes arrive'; readonly of: number; readonly count: number }
  | { readonly step: 'peer takes'; readonly of: number; readonly count: number }
  | { readonly step: 'peer answers pings' | 'peer ends' | 'peer resets'; readonly of: number }
  | { readonly step: 'time passes' | 'process stalls'; readonly milliseconds: number }
  | { readonly step: 'user'; readonly of: number; readonly call: Call }
  | {
      readonly step:
        | 'handler resolves'
        | 'handler rejects'
        | 'source yields'
        | 'source ends'
        | 'source throws'
      readonly of: number
    }

/** More than any transport holds. */
export const ALL = 1_000_000

const CONNECTIONS = 3

/** The schedule of a seed: the same one each time. */
export function drawSchedule(random: () => number): Step[] {
  const draw = new Draw(random)
  const weights = drawWeights(draw)
  const steps: Step[] = [bystander(), draw.connect()]
  const length = 3 + draw.below(24)
  let connections = 2
  while (steps.length < length + 2) {
    const name = draw.weighted(weights)
    if (name === 'connect' && connections++ >= CONNECTIONS) continue
    steps.push(draw.step(name))
  }
  return steps
}

type StepName = Step['step']

/** How often each step comes, as a rule … */
const WEIGHTS: Readonly<Record<StepName, number>> = {
  connect: 2,
  'peer sends': 12,
  'bytes arrive': 6,
  'peer takes': 5,
  'peer answers pings': 2,
  'peer ends': 1,
  'peer resets': 1,
  'time passes': 3,
  'process stalls': 0.5,
  user: 8,
  'handler resolves': 4,
  'handler rejects': 1,
  'source yields': 2,
  'source ends': 0.7,
  'source throws': 0.4,
}

/** … and in one schedule: some not at all, some often, lest all schedules are alike. */
function drawWeights(draw: Draw): [StepName, number][] {
  const names = Object.keys(WEIGHTS) as StepName[]
  return names.map(name => [name, WEIGHTS[name] * draw.of([0, 0.3, 1, 1, 1, 3])])
}

/** One that does nothing wrong, and must come to no harm by others. */
function bystander(): Connect {
  const nothing: Act = { calls: [], outcome: 'return' }
  return {
    step: 'connect',
    kind: 'bystander',
    answer: 'at once',
    acts: [nothing],
    onDrain: nothing,
    onClose: nothing,
    capacity: ALL,
    highWaterMark: 16_384,
    behind: false,
  }
}

class Draw {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  weighted<T>(weights: readonly (readonly [T, number])[]): T {
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
    let left = this.#random() * total
    for (const [value, weight] of weights) {
      left -= weight
      if (left < 0) return value
    }
    return weights[0]![0]
  }

  step(step: StepName): Step {
    const of = this.below(CONNECTIONS)
    switch (step) {
      case 'connect':
        return this.connect()
      case 'peer sends': {
        const what = this.of(
          this.chance(0.06) ? ILLEGAL : this.chance(0.06) ? ['close', 'empty close'] : SENT,
        )
        return {
          step,
          of,
          what: what as Sent,
          size: this.size(),
          arrive: this.chance(0.6) ? ALL : this.below(40),
        }
      }
      case 'bytes arrive':
      case 'peer takes':
        return { step, of, count: this.of([1, 3, 100, 1000, ALL, ALL]) }
      case 'time passes':
        return { step, milliseconds: this.of([1, 150, 400, 900, 1700]) }
      case 'process stalls':
        return { step, milliseconds: this.of([500, 3000, 60_000]) }
      case 'user':
        return { step, of, call: this.call(true) }
      default:
        return { step, of }
    }
  }

  connect(): Connect {
    return {
      step: 'connect',
      kind: this.of(['messages', 'messages', 'messages', 'loop', 'pieces', 'streams']),
      answer: this.weighted([
        ['at once', 20],
        ['later', 3],
        ['never', 0.5],
        ['no', 0.5],
        ['throw', 0.5],
      ]),
      acts: Array.from({ length: 1 + this.below(4) }, () => this.act()),
      onDrain: this.chance(0.8) ? { calls: [], outcome: 'return' } : this.act(),
      onClose: this.chance(0.8) ? { calls: [], outcome: 'return' } : this.act(),
      capacity: this.of([0, 20, 300, 2000, ALL]),
      highWaterMark: this.of([1, 1024, 16_384]),
      behind: this.chance(0.2),
    }
  }

  act(): Act {
    const count = this.chance(0.5) ? 0 : 1 + this.below(2)
    return {
      calls: Array.from({ length: count }, () => this.call(false)),
      outcome: this.weighted([
        ['return', 8],
        ['resolve', 3],
        ['hold', 5],
        ['throw', 1],
        ['reject', 1],
        ['never', 0.7],
        ['leave', 1],
      ]),
    }
  }

  size(): number {
    return this.of([0, 1, 30, 126, 300, 1500])
  }

  call(outside: boolean): Call {
    const call = this.weighted<Call['call']>([
      ['send', 10],
      ['sendStream', 4],
      ['ping', 1],
      ['close', 1],
      ['terminate', 0.5],
      ['subscribe', 4],
      ['unsubscribe', 1],
      ['publish', 4],
      ['await ready', 3],
      ['await closed', 1],
      ['read', 3],
      ['write', 3],
      ['cancel', 0.3],
      ['abort', 0.3],
      ['end writing', 0.3],
      ['close the server', outside ? 0.4 : 0.1],
    ])
    switch (call) {
      case 'send':
        return { call, count: this.of([1, 1, 1, 3, 20]), size: this.size() }
      case 'sendStream':
        return {
          call,
          source: this.of([
            'of three',
            'large',
            'throwing',
            'empty',
            'mixed',
            'by steps',
            'by steps',
            'a stream of the web',
          ]),
        }
      case 'ping':
        return { call, count: this.of([1, 1, 200]), size: this.of([0, 125]) }
      case 'close':
        return { call, code: this.of([1000, 3000]) }
      case 'subscribe':
      case 'unsubscribe':
        return { call, topic: this.of(['a', 'b']) }
      case 'publish':
        return {
          call,
          topic: this.of(['a', 'b']),
          slow: this.of(['queue', 'drop-oldest', 'latest', 'close']),
          size: this.size(),
          others: this.chance(0.3),
        }
      case 'close the server':
        return { call, timeout: this.of([0, 300, 2000]), batch: this.of([1, 100]) }
      default:
        return { call }
    }
  }
}

// ── in words ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A step as a sentence. */
export function tell(step: Step): string {
  const { step: name, ...rest } = step
  if (step.step === 'connect') return tellConnect(step)
  if (step.step === 'user') return `#${step.of}: the user calls ${tellCall(step.call)}`
  const { of, ...details } = rest as { readonly of?: number }
  const facts = Object.entries(details).map(([fact, value]) => `${fact} ${value === ALL ? 'all' : value}`)
  return [of === undefined ? name : `#${of}: ${name}`, ...facts].join(', ')
}

function tellConnect({
  kind,
  answer,
  acts,
  onDrain,
  onClose,
  capacity,
  highWaterMark,
  behind,
}: Connect): string {
  if (kind === 'bystander') return 'connect a bystander'
  return [
    `connect for ${kind}, upgraded ${answer}${behind ? ', a message behind the request' : ''}`,
    `kernel ${capacity === ALL ? 'without end' : capacity}, mark ${highWaterMark}`,
    `handlers [${acts.map(tellAct).join('; ')}], drain [${tellAct(onDrain)}], close [${tellAct(onClose)}]`,
  ].join('; ')
}

function tellAct({ calls, outcome }: Act): string {
  return [...calls.map(tellCall), outcome].join(', ')
}

function tellCall({ call, ...details }: Call): string {
  const facts = Object.entries(details).map(([fact, value]) => `${fact} ${value}`)
  return facts.length === 0 ? call : `${call} (${facts.join(', ')})`
}
