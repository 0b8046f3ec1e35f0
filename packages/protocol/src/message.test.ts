import { collectGarbage, concat, hex, onV8, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { portableHost } from './host.ts'
import { decodeText, GatheredMessage, own, StreamedMessage } from './message.ts'

describe('own', () => {
  const memory = Uint8Array.from({ length: 100 }, (_, i) => i)

  test('copies less than half of the memory', () => {
    const owned = own(memory, 49)
    expect(owned).toEqual(memory.slice(0, 49))
    expect(owned.buffer.byteLength).toBe(49)
  })

  test('hands on half of it, or more, as a view', () => {
    expect(own(memory, 50).buffer).toBe(memory.buffer)
    expect(own(memory, 50)).toEqual(memory.slice(0, 50))
    expect(own(memory, 100).buffer).toBe(memory.buffer)
  })

  test('looks at the memory behind the array, not at the array', () => {
    const part = memory.subarray(20, 30)
    expect(own(part, 8)).toEqual(memory.slice(20, 28))
    expect(own(part, 8).buffer).not.toBe(memory.buffer)
    expect(own(memory.subarray(20), 75)).toEqual(memory.slice(20, 95))
  })

  test('gives a plain Uint8Array, whatever it was given', () => {
    const buffer = Buffer.from('a Buffer of Node')
    for (const length of [1, 16]) expect(own(buffer, length).constructor).toBe(Uint8Array)
    expect(own(new Uint8Array(0), 0)).toHaveLength(0)
  })
})

describe('a gathered message', () => {
  function gather(
    type: 'text' | 'binary',
    pieces: readonly Uint8Array[],
    atMost = 1000,
    announced = 0,
  ): unknown[] {
    const messages: unknown[] = []
    const message = new GatheredMessage(type, portableHost, {
      message: data => messages.push(data),
      close: () => expect.fail('closed'),
    })
    for (const piece of pieces) message.push(piece, 0, piece.length, announced, atMost)
    message.finish()
    return messages
  }

  test('is one text, or one array of bytes', () => {
    const bytes = utf8('aä€😀'.repeat(30))
    for (const { name, segments } of segmentations(bytes)) {
      expect(gather('text', segments), name).toEqual(['aä€😀'.repeat(30)])
      expect(gather('binary', segments), name).toEqual([bytes])
    }
  })

  test('can be empty', () => {
    expect(gather('text', [])).toEqual([''])
    expect(gather('binary', [new Uint8Array(0)])).toEqual([new Uint8Array(0)])
  })

  test('takes pieces from the middle of a chunk, and keeps nothing of it', () => {
    const message = new GatheredMessage('binary', portableHost, {
      message: data => expect(data).toEqual(hex('0203 0203')),
      close: () => expect.fail('closed'),
    })
    const chunk = hex('01020304')
    message.push(chunk, 1, 3, 0, 4)
    message.push(chunk, 1, 3, 0, 4)
    chunk.fill(0xff)
    message.finish()
  })

  test('holds at most twice what came, and no more than the message can have', () => {
    const [large] = gather('binary', [new Uint8Array(600)], 1000) as [Uint8Array]
    expect(large.buffer.byteLength).toBe(1000)
    const [small] = gather('binary', [new Uint8Array(10)], 2 ** 40) as [Uint8Array]
    expect(small.buffer.byteLength).toBe(20)
  })

  test('of a size that was announced has its memory at once, up to 64 KiB', () => {
    expect(allocations([10, 100, 65_426], 65_536)).toEqual([65_536])
    expect(allocations([1], 2 ** 30)).toEqual([65_536])
  })

  test('that is larger has at most 16 times what came, and the whole of it with the first read of 1 MiB', () => {
    expect(allocations([65_522], 2 ** 20)).toEqual([2 ** 20])
    expect(allocations([65_522, 2 ** 20 - 65_522], 2 ** 30)).toEqual([2 ** 20])
    expect(allocations([100_000, 4_000_000], 2 ** 30)).toEqual([16 * 100_014, 16 * 4_100_014])
  })

  test('of more frames than were announced grows by doubling', () => {
    expect(allocations([10, 10, 10, 10], 0, 2 ** 20)).toEqual([20, 60])
  })

  test('is never more than what has been filled, whatever the memory held before', () => {
    const host = { ...portableHost, allocate: (size: number) => new Uint8Array(size).fill(0xee) }
    const messages: unknown[] = []
    const message = new GatheredMessage('binary', host, { message: data => messages.push(data), close() {} })
    message.push(hex('0102'), 0, 2, 0, 1000)
    message.push(hex('03'), 0, 1, 0, 1000)
    message.finish()
    expect(messages).toEqual([hex('010203')])
  })

  /** How much memory is asked for by pieces of these lengths. */
  function allocations(lengths: readonly number[], announced: number, atMost = announced): number[] {
    const sizes: number[] = []
    const allocate = (size: number) => {
      sizes.push(size)
      return portableHost.allocate(size)
    }
    const message = new GatheredMessage('binary', { ...portableHost, allocate }, { message() {}, close() {} })
    for (const length of lengths) message.push(new Uint8Array(length), 0, length, announced, atMost)
    return sizes
  }

  onV8(test)('that is aborted lets go of its memory, whoever still holds it', async () => {
    let memory: WeakRef<Uint8Array> | undefined
    const allocate = (size: number) => {
      const bytes = portableHost.allocate(size)
      memory = new WeakRef(bytes)
      return bytes
    }
    const message = new GatheredMessage('binary', { ...portableHost, allocate }, { message() {}, close() {} })
    message.push(new Uint8Array(1000), 0, 1000, 1000, 1000)
    message.abort()
    for (let i = 0; i < 5 && memory?.deref() !== undefined; i++) {
      await new Promise(resolve => setImmediate(resolve))
      collectGarbage()
    }
    expect(memory).toBeDefined()
    expect(memory?.deref()).toBeUndefined()
    expect(message).toBeInstanceOf(GatheredMessage)
  })

  test('fails at the first wrong byte of a text, or at its end', () => {
    expect(() => gather('text', [hex('61ff'), utf8('never')])).toThrow(
      expect.objectContaining({ closeCode: 1007 }),
    )
    expect(() => gather('text', [hex('61e282')])).toThrow(expect.objectContaining({ closeCode: 1007 }))
  })
})

describe('a streamed message', () => {
  function stream(type: 'text' | 'binary', pieces: readonly Uint8Array[]): unknown[] {
    const told: unknown[] = []
    const message = new StreamedMessage(type, portableHost, {
      write: piece => told.push(piece),
      end: () => told.push('end'),
      abort: () => told.push('abort'),
    })
    for (const piece of pieces) message.push(piece, 0, piece.length)
    message.finish()
    return told
  }

  test('of text comes in whole characters, never empty', () => {
    expect(stream('text', [hex('61e2'), hex('82'), hex(''), hex('ac62')])).toEqual(['a', '€b', 'end'])
    expect(stream('text', [])).toEqual(['end'])
    expect(stream('text', [hex('efbbbf'), utf8('x')])).toEqual(['\ufeff', 'x', 'end'])
  })

  test('of bytes comes as it came', () => {
    expect(stream('binary', [hex('0102'), hex(''), hex('03')])).toEqual([hex('0102'), hex('03'), 'end'])
  })

  test('fails at the first wrong byte, or at the end', () => {
    expect(() => stream('text', [concat(utf8('ok'), hex('ed')), hex('a0')])).toThrow('text is not UTF-8')
    expect(() => stream('text', [hex('e282')])).toThrow('text is not UTF-8')
  })
})

test('decodeText gives the text or the fault', () => {
  expect(decodeText(portableHost, utf8('xäy'), 1, 3)).toBe('ä')
  expect(() => decodeText(portableHost, hex('ff'), 0, 1)).toThrow(
    expect.objectContaining({ closeCode: 1007, message: 'text is not UTF-8 (RFC 6455 §8.1)' }),
  )
})
