// Compares what was observed with the sequences of a case.

import type { Event, ExchangeCase, Payload } from '@ws/conformance-cases'
import { bytesOf } from './bytes.ts'
import type { Observed } from './outcome.ts'

/** Whether the events are exactly this sequence. */
export function matches(
  each: ExchangeCase,
  sequence: readonly Event[],
  observed: readonly Observed[],
): boolean {
  return (
    sequence.length === observed.length && sequence.every((event, i) => equals(each, event, observed[i]!))
  )
}

function equals(each: ExchangeCase, event: Event, observed: Observed): boolean {
  if ('timeout' in event) return observed.kind === 'timeout' && observed.label === event.timeout
  if ('pong' in event)
    return observed.kind === 'pong' && isSame(observed.content, contentOf(each, event.pong.echo))
  if (observed.kind !== 'message' || observed.op !== event.message.op) return false
  return observed.content === undefined || isSame(observed.content, messageOf(each, event.message))
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

/** The content of an expected message. */
export function messageOf(
  each: ExchangeCase,
  message: Extract<Event, { message: unknown }>['message'],
): Uint8Array {
  return 'echo' in message ? contentOf(each, message.echo) : bytesOf(message.content)
}

/** The payloads of these steps, joined and decompressed. */
export function contentOf(each: ExchangeCase, steps: readonly number[]): Uint8Array {
  return Buffer.concat(steps.map(index => payloadOf(each, index)))
}

function payloadOf(each: ExchangeCase, index: number): Uint8Array {
  const step = each.send[index]
  if (step !== undefined && 'frame' in step) return bytesOf(plain(step.frame.payload))
  if (step !== undefined && 'fragments' in step) return bytesOf(plain(step.fragments.payload))
  if (step !== undefined && 'frameBytes' in step) return bytesOf(plain(step.frameBytes))
  throw new TypeError(`case ${each.id} expects an echo of step ${index}, which has no payload`)
}

function plain(payload: Payload): Payload {
  return 'deflated' in payload ? payload.deflated : payload
}
