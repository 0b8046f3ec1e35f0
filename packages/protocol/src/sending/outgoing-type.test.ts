import { hex, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { End, ROLES } from '../../test/end.ts'
import { XorExtension } from '../../test/xor.ts'
import { prepare } from './prepared-message.ts'

const NOT_UTF8 = new TypeError('bytes that are sent as text must be valid UTF-8 (RFC 6455 §5.6)')

describe.each(ROLES)('the type option of a message that a %s sends', role => {
  test('sends bytes as text', () => {
    const end = new End(role)
    end.protocol.send(utf8('Grüße'), { type: 'text' })
    end.protocol.send(new Uint8Array(0), { type: 'text' })
    end.protocol.send(prepare(utf8('prepared'), { type: 'text' }))
    expect(end.written()).toEqual(['text: Grüße', 'text:', 'text: prepared'])
  })

  test('sends a string as binary', () => {
    const end = new End(role)
    end.protocol.send('ä', { type: 'binary' })
    end.protocol.send(prepare('ä', { type: 'binary' }))
    expect(end.written()).toEqual(['binary: c3a4', 'binary: c3a4'])
  })

  test('can name the type that the message has anyway', () => {
    const end = new End(role)
    end.protocol.send('a', { type: 'text' })
    end.protocol.send(hex('ff'), { type: 'binary' })
    end.protocol.send(prepare('b'), { type: 'text' })
    expect(end.written()).toEqual(['text: a', 'binary: ff', 'text: b'])
  })

  test('applies to messages that wait for a stream', () => {
    const end = new End(role)
    const stream = end.protocol.stream('binary')!
    end.protocol.send(utf8('a'), { type: 'text' })
    end.protocol.send(prepare(utf8('b'), { type: 'text' }))
    end.protocol.send('c', { type: 'binary' })
    stream.end(hex('00'))
    expect(end.written()).toEqual(['binary: 00', 'text: a', 'text: b', 'binary: 63'])
  })

  test('applies to messages that an extension transforms', () => {
    const types: string[] = []
    class Recording extends XorExtension {
      override sending(...args: Parameters<XorExtension['sending']>): ReturnType<XorExtension['sending']> {
        types.push(args[0])
        return undefined
      }
    }
    const end = new End(role, { extension: new Recording() })
    end.protocol.send(utf8('a'), { type: 'text' })
    end.protocol.send('b', { type: 'binary' })
    expect(types).toEqual(['text', 'binary'])
    expect(end.written()).toEqual(['text: a', 'binary: 62'])
  })

  test.each(['ff', 'c0af', 'eda080', 'e282', '6180'])('rejects the bytes %s as text', digits => {
    const end = new End(role)
    expect(() => end.protocol.send(hex(digits), { type: 'text' })).toThrow(NOT_UTF8)
    expect(() => prepare(hex(digits), { type: 'text' })).toThrow(NOT_UTF8)
    expect(end.written()).toEqual([])
    expect(end.protocol.state).toBe('open')
  })

  test('cannot change the type of a prepared message', () => {
    const end = new End(role)
    const error = new TypeError('a message that was prepared as text cannot be sent as binary')
    expect(() => end.protocol.send(prepare('x'), { type: 'binary' })).toThrow(error)
    expect(() => prepare(prepare('x'), { type: 'binary' })).toThrow(error)
  })

  test.each([
    ['Text', "'Text'"],
    [null, 'null'],
    [1, 'number'],
  ])('rejects %s', (type, is) => {
    const end = new End(role)
    expect(() => end.protocol.send('x', { type: type as 'text' })).toThrow(
      new TypeError(`type of a message must be 'text' or 'binary', not ${is}`),
    )
  })
})
