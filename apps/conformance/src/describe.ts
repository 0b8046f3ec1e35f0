// Cases and events in words, for the terminal and the reports.

import type { Event, ExchangeCase, Payload, Step } from '@ws/conformance-cases'
import type { Observed } from './engine/outcome.ts'
import { excerptText } from './engine/wire-log.ts'

const OPCODES: Readonly<Record<number, string>> = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
}

/** The name of an opcode, or its number. */
export function nameOfOpcode(op: number): string {
  return OPCODES[op] ?? `opcode ${op}`
}

/** `6455-5.2,5.6;3629` as `RFC 6455 §5.2, §5.6, RFC 3629`. */
export function formatSections(rfc: string): string {
  return rfc
    .split(';')
    .map(part => {
      const [number, sections] = part.split('-')
      const list = sections?.split(',').map(section => `§${section}`) ?? []
      return [`RFC ${number}`, list.join(', ')].filter(text => text !== '').join(' ')
    })
    .join(', ')
}

/** A payload in a few characters. */
function describePayload(payload: Payload): string {
  if ('deflated' in payload) return `compressed ${describePayload(payload.deflated)}`
  if ('ascii' in payload) return JSON.stringify(payload.ascii)
  if ('hex' in payload) {
    if (payload.hex === '') return 'empty'
    const [, text] = excerptText(Buffer.from(payload.hex, 'hex'))
    return text.startsWith('0x') ? text : JSON.stringify(text)
  }
  return `${payload.bytes} octets`
}

/** A step in one line. */
function describeStep(step: Step): string {
  if ('frame' in step) {
    const { op, fin, rsv, payload, masked, lengthSize, claims } = step.frame
    return [
      nameOfOpcode(op),
      fin ? '' : 'without FIN',
      rsv === 0 ? '' : `with reserved bits ${rsv.toString(2).padStart(3, '0')}`,
      masked === undefined ? '' : masked ? 'masked' : 'unmasked',
      lengthSize === undefined ? '' : `with a length of ${lengthSize} octets`,
      claims === undefined ? '' : `that claims ${claims} octets`,
      describePayload(payload),
      step.chop === undefined ? '' : `(${step.chop} octets a write)`,
      step.sync ? '(a write of its own)' : '',
      step.times === undefined ? '' : `(${step.times} times)`,
    ]
      .filter(text => text !== '')
      .join(' ')
  }
  if ('fragments' in step) {
    const { op, payload, size, frames } = step.fragments
    return `${nameOfOpcode(op)} ${describePayload(payload)} in ${frames} frames of ${size} octets`
  }
  if ('rounds' in step) {
    const { count, op } = step.rounds
    const what =
      'data' in step.rounds
        ? `${step.rounds.data.length} units of ${step.rounds.data.source}`
        : describePayload(step.rounds.payload)
    return `${count} × ${nameOfOpcode(op)} ${what}`
  }
  if ('frameHead' in step)
    return `header of a ${nameOfOpcode(step.frameHead.op)} frame of ${step.frameHead.length} octets`
  if ('frameBytes' in step) return `the next octets: ${describePayload(step.frameBytes)}`
  if ('close' in step) {
    const { code, reason } = step.close
    return ['close', code ?? 'without a code', reason === undefined ? '' : describePayload(reason)]
      .join(' ')
      .trim()
  }
  if ('wait' in step) return `pause of ${step.wait} ms${step.label === null ? '' : ` (${step.label})`}`
  if ('kill' in step) return `end after ${step.kill} ms`
  return `close after ${step.closeAfter} ms`
}

/** The steps that put something on the wire, or pause. */
export function describeSending(each: ExchangeCase): string[] {
  return each.send.filter(step => !('kill' in step || 'closeAfter' in step)).map(describeStep)
}

/** An accepted event. */
function describeEvent(event: Event): string {
  if ('timeout' in event) return `still open after pause ${event.timeout}`
  if ('pong' in event) return `pong to step ${event.pong.echo.map(step => step + 1).join('+')}`
  const { message } = event
  const name = nameOfOpcode(message.op)
  if ('content' in message) return `${name} ${describePayload(message.content)}`
  return `${name} echo of step ${message.echo.map(step => step + 1).join('+')}`
}

/** A sequence of accepted events. */
function describeSequence(events: readonly Event[]): string {
  return events.length === 0 ? 'nothing' : events.map(describeEvent).join(', ')
}

/** What was received. */
export function describeObserved(event: Observed): string {
  if (event.kind === 'timeout') return `still open after pause ${event.label}`
  const content = event.content === undefined ? '' : excerptText(event.content)[1]
  if (event.kind === 'pong') return `pong ${content}`.trim()
  const { op, length } = event
  return `${nameOfOpcode(op)} of ${length} octets ${content.startsWith('0x') ? content : JSON.stringify(content)}`
}

/** What a case expects, in one sentence. */
export function describeExpectation(each: ExchangeCase): string {
  const { check, close, expect } = each
  const events =
    check === 'events' || check === 'maskingKeys'
      ? expect.map(describeSequence).join('; or ')
      : 'the echo of every message'
  const codes = [...new Set(close.codes)].join(' or ')
  const end =
    close.by === 'peer'
      ? `the peer closes with ${codes} or drops TCP`
      : `the peer answers the Close, with ${codes}`
  return `${events}; then ${end}`
}
