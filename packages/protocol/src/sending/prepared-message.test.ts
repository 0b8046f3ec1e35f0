import { encodeFrame, Opcode } from '@ws/frame'
import { utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { type Host, portableHost } from '../host.ts'
import { prepare } from './prepared-message.ts'

describe('a prepared message', () => {
  test('is encoded once, on first use', () => {
    const calls: string[] = []
    const named = (name: string): Host => ({
      ...portableHost,
      measureText: data => {
        calls.push(`${name} measures`)
        return portableHost.measureText(data)
      },
      encodeText: (...range) => {
        calls.push(`${name} encodes`)
        return portableHost.encodeText(...range)
      },
      allocate: size => {
        calls.push(`${name} allocates ${size}`)
        return new Uint8Array(size)
      },
    })
    const message = prepare('ä')
    expect(calls).toEqual([])
    const frame = message.frame(named('one'))
    expect(message.frame(named('two'))).toBe(frame)
    expect(calls).toEqual(['one measures', 'one allocates 4', 'one encodes'])
  })

  test('is one final unmasked frame, with the shortest header', () => {
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 100_000]) {
      const payload = new Uint8Array(size).fill(0x61)
      const asBinary = prepare(payload).frame(portableHost)
      expect(Buffer.compare(asBinary, encodeFrame({ opcode: Opcode.binary, payload }))).toBe(0)
      const asText = prepare('a'.repeat(size)).frame(portableHost)
      expect(Buffer.compare(asText, encodeFrame({ opcode: Opcode.text, payload }))).toBe(0)
    }
    for (const text of ['Grüße', '😀', '\ud800x']) {
      expect(prepare(text).frame(portableHost)).toEqual(encodeFrame({ opcode: 1, payload: utf8(text) }))
    }
  })

  test("keeps the caller's data", () => {
    const bytes = Uint8Array.of(1, 2)
    expect(prepare(bytes).data).toBe(bytes)
    expect(prepare('x').data).toBe('x')
  })

  test('is returned unchanged when it is prepared again', () => {
    const message = prepare('x')
    expect(prepare(message)).toBe(message)
  })

  test('throws for other values', () => {
    for (const [data, is] of [
      [null, 'null'],
      [7, 'number'],
      [[1], 'object'],
    ]) {
      const say = `message must be a string, an ArrayBuffer, a view of one or a prepared message, not ${is as string}`
      expect(() => prepare(data as string)).toThrow(new TypeError(say))
    }
  })
})
