import { createData } from '@ws/conformance-cases'
import { expect, test } from 'vitest'
import { DeflateCodec } from './deflate-codec.ts'

const direction = (windowBits: number, contextTakeover: boolean) => ({ windowBits, contextTakeover })
const pair = (windowBits: number, contextTakeover: boolean) => {
  const each = direction(windowBits, contextTakeover)
  return new DeflateCodec({ sending: each, receiving: each })
}
const text = Buffer.from('again and again and again, a message that repeats itself')

test('messages come back, with and without context takeover, for all windows', () => {
  for (const takeover of [true, false]) {
    for (const bits of [9, 12, 15]) {
      const codec = pair(bits, takeover)
      for (let at = 0; at < 100_000; at += 7000) {
        const message = createData('json').subarray(at, at + 7000)
        expect(Buffer.compare(codec.decompress(codec.compress(message)), message)).toBe(0)
      }
    }
  }
})

test('with context takeover, a message refers to those before it', () => {
  const [kept, fresh] = [pair(15, true), pair(15, false)]
  const [first, second] = [kept.compress(text), kept.compress(text)]
  expect(second.length).toBeLessThan(first.length / 2)
  expect(fresh.compress(text).length).toBe(fresh.compress(text).length)
})

test('a reference to octets outside of the window that was agreed is an error', () => {
  const wide = pair(15, false).compress(createData('json').subarray(0, 20_000))
  expect(() => pair(9, false).decompress(wide)).toThrow('invalid distance')
})

test('a reference to a message before it is an error without context takeover', () => {
  const sender = new DeflateCodec({ sending: direction(15, true), receiving: direction(15, true) })
  const receiver = pair(15, false)
  receiver.decompress(sender.compress(text))
  const second = sender.compress(text)
  expect(() => receiver.decompress(second)).toThrow('invalid distance')
})

test('a message that inflates without end is an error', () => {
  const bomb = pair(15, false).compress(Buffer.alloc(65 * 2 ** 20))
  expect(() => pair(15, false).decompress(bomb)).toThrow(/larger than/)
})
