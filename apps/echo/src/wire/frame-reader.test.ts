import { encodeFrame } from '@ws/frame'
import { expect, test } from 'vitest'
import { FrameReader } from './frame-reader.ts'

test('reads every header, in pieces of any size, legal or not', () => {
  const stream = Buffer.concat([
    encodeFrame({ opcode: 1, payload: Buffer.alloc(5), maskingKey: 7 }),
    encodeFrame({ opcode: 3, rsv: 5, fin: false }),
    encodeFrame({ opcode: 2, payload: Buffer.alloc(200), lengthSize: 8 }),
    encodeFrame({ opcode: 9 }),
  ])
  for (let size = 1; size <= stream.length; size++) {
    const headers: unknown[] = []
    const reader = new FrameReader(({ opcode, payloadLength }) => headers.push([opcode, payloadLength]))
    for (let at = 0; at < stream.length; at += size) reader.read(stream.subarray(at, at + size))
    expect(headers).toEqual([
      [1, 5],
      [3, 0],
      [2, 200],
      [9, 0],
    ])
  }
})
