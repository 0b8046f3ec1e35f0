import { decodeFrames, Opcode } from '@ws/frame'
import { concat, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { type Host, portableHost } from './host.ts'
import { Outbox } from './outbox.ts'

/** A host that writes down what it was asked to allocate. */
function countingHost(): { host: Host; sizes: number[] } {
  const sizes: number[] = []
  const allocate = (size: number) => {
    sizes.push(size)
    return new Uint8Array(size)
  }
  return { host: { ...portableHost, allocate, createMaskingKey: () => 0xa1b2c3d4 }, sizes }
}

const LARGE = 16 * 1024

describe('a turn', () => {
  test('leaves in one buffer, in order', () => {
    for (const role of ['server', 'client'] as const) {
      const outbox = new Outbox(role, portableHost)
      outbox.addText(Opcode.text, 'a first turn of some bytes')
      // The first turn guesses from nothing; the second knows.
      outbox.take()
      outbox.addFrame(Opcode.ping, utf8('p'))
      outbox.addText(Opcode.text, '')
      outbox.addFrame(Opcode.binary, new Uint8Array(0), false, 4)
      const length = outbox.length
      const chunks = outbox.take()
      expect(chunks).toHaveLength(1)
      expect(chunks[0]).toHaveLength(length)
      expect(decodeFrames(role === 'server' ? 'client' : 'server', chunks[0]!).frames).toMatchObject([
        { opcode: 9, payload: utf8('p'), fin: true, rsv: 0 },
        { opcode: 1, payloadLength: 0 },
        { opcode: 2, payloadLength: 0, fin: false, rsv: 4 },
      ])
      expect(outbox.length).toBe(0)
    }
  })

  test('of nothing gives nothing, and no new array', () => {
    const outbox = new Outbox('server', portableHost)
    expect(outbox.take()).toEqual([])
    expect(outbox.take()).toBe(outbox.take())
  })

  test('is never written into after it was taken', () => {
    const outbox = new Outbox('server', portableHost)
    outbox.addText(Opcode.text, 'one')
    const first = concat(...outbox.take())
    const [taken] = outbox.take()
    expect(taken).toBeUndefined()
    outbox.addText(Opcode.text, 'two')
    outbox.addText(Opcode.text, 'three')
    expect(decodeFrames('client', first).frames).toMatchObject([{ payload: utf8('one') }])
    expect(decodeFrames('client', concat(...outbox.take())).frames).toHaveLength(2)
  })
})

describe('the guess', () => {
  test('grows with what was needed, and shrinks again', () => {
    const { host, sizes } = countingHost()
    const outbox = new Outbox('server', host)
    const turn = (frames: number) => {
      sizes.length = 0
      for (let i = 0; i < frames; i++) outbox.addFrame(Opcode.binary, new Uint8Array(98))
      return outbox.take().length
    }
    expect(turn(10)).toBe(4)
    expect(sizes).toEqual([100, 200, 600, 1800])
    expect(turn(10)).toBe(1)
    expect(sizes).toEqual([1000])
    expect(turn(1)).toBe(1)
    expect(sizes).toEqual([1000])
    expect(turn(1)).toBe(1)
    expect(sizes).toEqual([100])
  })

  test('is never above 64 KiB, unless one frame needs it', () => {
    const { host, sizes } = countingHost()
    const outbox = new Outbox('client', host)
    for (let i = 0; i < 2000; i++) outbox.addFrame(Opcode.binary, new Uint8Array(98))
    outbox.take()
    outbox.addFrame(Opcode.binary, new Uint8Array(1))
    expect(Math.max(...sizes)).toBe(64 * 1024)
    expect(sizes.at(-1)).toBe(64 * 1024)
    outbox.addFrame(Opcode.binary, new Uint8Array(100_000))
    expect(sizes.at(-1)).toBeGreaterThan(100_000)
  })
})

describe('a large payload', () => {
  test("of a server is the sender's own array, between small frames", () => {
    const outbox = new Outbox('server', portableHost)
    const payload = new Uint8Array(LARGE).fill(7)
    outbox.addText(Opcode.text, 'before')
    outbox.addFrame(Opcode.binary, payload)
    outbox.addText(Opcode.text, 'after')
    const length = outbox.length
    const chunks = outbox.take()
    expect(chunks.filter(chunk => chunk === payload)).toHaveLength(1)
    expect(payload.every(byte => byte === 7)).toBe(true)
    const bytes = concat(...chunks)
    expect(bytes).toHaveLength(length)
    expect(decodeFrames('client', bytes).frames.map(frame => frame.payload)).toEqual([
      utf8('before'),
      payload,
      utf8('after'),
    ])
  })

  test('is copied just below that size', () => {
    const outbox = new Outbox('server', portableHost)
    const payload = new Uint8Array(LARGE - 1)
    outbox.addFrame(Opcode.binary, payload)
    const chunks = outbox.take()
    expect(chunks).toHaveLength(1)
    expect(chunks[0]!.buffer).not.toBe(payload.buffer)
  })

  test('costs no buffer of its own for its header', () => {
    const { host, sizes } = countingHost()
    const outbox = new Outbox('server', host)
    const payload = new Uint8Array(LARGE)
    for (let i = 0; i < 4000; i++) outbox.addFrame(Opcode.binary, payload)
    expect(outbox.length).toBe(4000 * (LARGE + 4))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2 * 4000 * 4)
  })

  test("of a client is masked in a copy: the sender's bytes stay as they are", () => {
    const outbox = new Outbox('client', countingHost().host)
    for (const size of [1, 125, 126, 1000, LARGE, 70_000]) {
      const payload = Uint8Array.from({ length: size }, (_, i) => i & 0xff)
      const before = payload.slice()
      outbox.addFrame(Opcode.binary, payload)
      const bytes = concat(...outbox.take())
      expect(payload).toEqual(before)
      expect(Buffer.from(bytes).includes(Buffer.from(before.subarray(0, 16)))).toBe(false)
      const [frame] = decodeFrames('server', bytes).frames
      expect(frame).toMatchObject({ maskingKey: 0xa1b2c3d4, payloadLength: size })
      expect(Buffer.compare(frame!.payload, before)).toBe(0)
    }
  })
})

test('a text goes through the host, in as many bytes as it measured', () => {
  const texts = ['ÄÖÜ', 'x'.repeat(200), '€'.repeat(30_000)]
  for (const role of ['server', 'client'] as const) {
    const outbox = new Outbox(role, portableHost)
    for (const text of texts) outbox.addText(Opcode.text, text)
    const { frames, rest } = decodeFrames(role === 'server' ? 'client' : 'server', concat(...outbox.take()))
    expect(rest).toHaveLength(0)
    expect(frames.map(frame => Buffer.from(frame.payload).toString())).toEqual(texts)
  }
})
