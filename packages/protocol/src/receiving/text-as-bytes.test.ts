import { hex, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { binary, more, text, wire } from '../../test/end.ts'
import { type IncomingStream, Protocol, type ProtocolSink } from '../index.ts'

/** The deliveries of a server with `textAsBytes`: whole messages, or pieces of streamed ones. */
class Reader implements ProtocolSink {
  readonly got: unknown[] = []
  readonly protocol: Protocol
  readonly #streamed: boolean

  constructor(streamed = false) {
    this.#streamed = streamed
    this.protocol = new Protocol('server', this, { textAsBytes: true })
  }

  message(data: unknown, type: string): void {
    this.got.push([type, data])
  }

  stream(type: string): IncomingStream | undefined {
    if (!this.#streamed) return undefined
    const parts: Buffer[] = []
    return {
      write: piece => parts.push(piece as Buffer),
      end: () => this.got.push([type, new Uint8Array(Buffer.concat(parts))]),
      abort: () => this.got.push('aborted'),
    }
  }

  close({ code }: { readonly code: number }): void {
    this.got.push(code)
  }
}

describe.each([
  ['delivered whole', false],
  ['delivered in pieces', true],
])('with textAsBytes, messages %s', (_, streamed) => {
  test('are bytes with their type, however they are cut', () => {
    const chunk = wire(
      'server',
      text('a€😀'),
      text('ge', { fin: false }),
      { opcode: 0, payload: hex('e2'), fin: false },
      { opcode: 0, payload: hex('82ac') },
      binary(hex('ff00')),
      text(''),
    )
    for (const { name, segments } of segmentations(chunk)) {
      const reader = new Reader(streamed)
      for (const segment of segments) {
        const lent = segment.slice()
        reader.protocol.receive(lent)
        lent.fill(0xa5)
      }
      expect(reader.got, name).toEqual([
        ['text', utf8('a€😀')],
        ['text', utf8('ge€')],
        ['binary', hex('ff00')],
        ['text', new Uint8Array(0)],
      ])
    }
  })

  test.each(['ff', 'c0af', 'e282'])('close with 1007 when a text is %s', digits => {
    const payload = hex(digits)
    for (const frames of [
      [{ opcode: 1, payload }],
      [text('a', { fin: false }), { opcode: 0, payload }],
      [{ opcode: 1, payload, fin: false }, more('')],
    ]) {
      const reader = new Reader(streamed)
      reader.protocol.receive(wire('server', ...frames))
      expect(reader.got.filter(event => event !== 'aborted')).toEqual([1007])
    }
  })
})

test('without textAsBytes, a text is a string, and the type is passed too', () => {
  const got: unknown[] = []
  const protocol = new Protocol('server', {
    message: (data, type) => got.push(data, type),
    close: () => undefined,
  })
  protocol.receive(wire('server', text('a'), text('b', { fin: false }), more('c'), binary(hex('01'))))
  protocol.receive(wire('server', binary(hex('02'), { fin: false }), more(hex('03'))))
  expect(got).toEqual(['a', 'text', 'bc', 'text', hex('01'), 'binary', hex('0203'), 'binary'])
})
