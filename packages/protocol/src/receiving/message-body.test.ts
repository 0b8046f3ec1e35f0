import { collectGarbage, concat, hex, onV8, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { portableHost } from '../host.ts'
import type { IncomingStream, ProtocolSink } from '../sink.ts'
import { BufferedMessage, decodeText, type SizeEstimate, StreamedMessage } from './message-body.ts'

const estimate = (reachableSize: number, expectedSize = 0): SizeEstimate => ({ reachableSize, expectedSize })

describe('a buffered message', () => {
  function gather(type: 'text' | 'binary', pieces: readonly Uint8Array[], size = estimate(1000)): unknown[] {
    const messages: unknown[] = []
    const sink: ProtocolSink = {
      message: data => messages.push(data),
      close: () => expect.fail('closed'),
    }
    const message = new BufferedMessage(type, portableHost, sink, size)
    for (const piece of pieces) message.push(piece, 0, piece.length)
    message.finish()
    return messages
  }

  test('is delivered as one string or one array', () => {
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

  test('copies pieces from the middle of a chunk', () => {
    const sink: ProtocolSink = {
      message: data => expect(data).toEqual(hex('0203 0203')),
      close: () => expect.fail('closed'),
    }
    const message = new BufferedMessage('binary', portableHost, sink, estimate(4))
    const chunk = hex('01020304')
    message.push(chunk, 1, 3)
    message.push(chunk, 1, 3)
    chunk.fill(0xff)
    message.finish()
  })

  test('allocates at most twice the bytes received, and no more than the message can reach', () => {
    const [large] = gather('binary', [new Uint8Array(600)]) as [Uint8Array]
    expect(large.buffer.byteLength).toBe(1000)
    const [small] = gather('binary', [new Uint8Array(10)], estimate(2 ** 40)) as [Uint8Array]
    expect(small.buffer.byteLength).toBe(20)
  })

  test('allocates an announced size at once, up to 64 KiB', () => {
    expect(allocations([10, 100, 65_426], 65_536)).toEqual([65_536])
    expect(allocations([1], 2 ** 30)).toEqual([65_536])
  })

  test('allocates at most 16 times the bytes received, and 1 MiB with the first read of it', () => {
    expect(allocations([65_522], 2 ** 20)).toEqual([2 ** 20])
    expect(allocations([65_522, 2 ** 20 - 65_522], 2 ** 30)).toEqual([2 ** 20])
    expect(allocations([100_000, 4_000_000], 2 ** 30)).toEqual([16 * 100_014, 16 * 4_100_014])
  })

  test('grows by doubling above the announced size', () => {
    expect(allocations([10, 10, 10, 10], 0, 2 ** 20)).toEqual([20, 60])
  })

  test('delivers only the bytes received, not other content of its memory', () => {
    const host = { ...portableHost, allocate: (size: number) => new Uint8Array(size).fill(0xee) }
    const messages: unknown[] = []
    const message = new BufferedMessage(
      'binary',
      host,
      { message: data => messages.push(data), close() {} },
      estimate(1000),
    )
    message.push(hex('0102'), 0, 2)
    message.push(hex('03'), 0, 1)
    message.finish()
    expect(messages).toEqual([hex('010203')])
  })

  /** The sizes allocated for pieces of these lengths. */
  function allocations(lengths: readonly number[], announced: number, atMost = announced): number[] {
    const sizes: number[] = []
    const allocate = (size: number) => {
      sizes.push(size)
      return portableHost.allocate(size)
    }
    const message = new BufferedMessage(
      'binary',
      { ...portableHost, allocate },
      { message() {}, close() {} },
      estimate(atMost, announced),
    )
    for (const length of lengths) message.push(new Uint8Array(length), 0, length)
    return sizes
  }

  onV8(test)('frees its memory when it is aborted', async () => {
    let memory: WeakRef<Uint8Array> | undefined
    const allocate = (size: number) => {
      const bytes = portableHost.allocate(size)
      memory = new WeakRef(bytes)
      return bytes
    }
    const message = new BufferedMessage(
      'binary',
      { ...portableHost, allocate },
      { message() {}, close() {} },
      estimate(1000, 1000),
    )
    message.push(new Uint8Array(1000), 0, 1000)
    message.abort()
    for (let i = 0; i < 5 && memory?.deref() !== undefined; i++) {
      await new Promise(resolve => setImmediate(resolve))
      collectGarbage()
    }
    expect(memory).toBeDefined()
    expect(memory?.deref()).toBeUndefined()
    expect(message).toBeInstanceOf(BufferedMessage)
  })

  test('throws at the first wrong byte of a text, or at its end', () => {
    expect(() => gather('text', [hex('61ff'), utf8('never')])).toThrow(
      expect.objectContaining({ closeCode: 1007 }),
    )
    expect(() => gather('text', [hex('61e282')])).toThrow(expect.objectContaining({ closeCode: 1007 }))
  })
})

describe('a streamed message', () => {
  function stream(type: 'text' | 'binary', pieces: readonly Uint8Array[]): unknown[] {
    const told: unknown[] = []
    const stream: IncomingStream = {
      write: piece => told.push(piece),
      end: () => told.push('end'),
      abort: () => told.push('abort'),
    }
    const message = new StreamedMessage(type, portableHost, stream, { progress: () => undefined })
    for (const piece of pieces) message.push(piece, 0, piece.length)
    message.finish()
    return told
  }

  test('passes text on in whole characters, never empty', () => {
    expect(stream('text', [hex('61e2'), hex('82'), hex(''), hex('ac62')])).toEqual(['a', '€b', 'end'])
    expect(stream('text', [])).toEqual(['end'])
    expect(stream('text', [hex('efbbbf'), utf8('x')])).toEqual(['\ufeff', 'x', 'end'])
  })

  test('passes bytes on as they were received', () => {
    expect(stream('binary', [hex('0102'), hex(''), hex('03')])).toEqual([hex('0102'), hex('03'), 'end'])
  })

  test('throws at the first wrong byte of a text, or at the end', () => {
    expect(() => stream('text', [concat(utf8('ok'), hex('ed')), hex('a0')])).toThrow('text is not UTF-8')
    expect(() => stream('text', [hex('e282')])).toThrow('text is not UTF-8')
  })
})

test('decodeText returns the text or throws 1007', () => {
  expect(decodeText(portableHost, utf8('xäy'), 1, 3)).toBe('ä')
  expect(() => decodeText(portableHost, hex('ff'), 0, 1)).toThrow(
    expect.objectContaining({ closeCode: 1007, message: 'text is not UTF-8 (RFC 6455 §8.1)' }),
  )
})
