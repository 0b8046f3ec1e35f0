import { decodeFrames, encodeFrame, Opcode } from '@ws/frame'
import { concat, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { type Host, portableHost } from '../host.ts'
import { OutputBuffer } from './output-buffer.ts'
import { prepare } from './prepared-message.ts'

/** A host that records the sizes allocated. */
function countingHost(): { host: Host; sizes: number[] } {
  const sizes: number[] = []
  const allocate = (size: number) => {
    sizes.push(size)
    return new Uint8Array(size)
  }
  return { host: { ...portableHost, allocate, createMaskingKey: () => 0xa1b2c3d4 }, sizes }
}

const LARGE = 4 * 1024

describe('the output of a turn', () => {
  test('is one buffer, in order', () => {
    for (const role of ['server', 'client'] as const) {
      const output = new OutputBuffer({ role, host: portableHost })
      output.addText(Opcode.text, 'a first turn of some bytes')
      // The first turn has no estimate; the second has one.
      output.take()
      output.addFrame(Opcode.ping, utf8('p'))
      output.addText(Opcode.text, '')
      output.addFrame(Opcode.binary, new Uint8Array(0), false, 4)
      const length = output.length
      const chunks = output.take()
      expect(chunks).toHaveLength(1)
      expect(chunks[0]).toHaveLength(length)
      expect(decodeFrames(role === 'server' ? 'client' : 'server', chunks[0]!).frames).toMatchObject([
        { opcode: 9, payload: utf8('p'), fin: true, rsv: 0 },
        { opcode: 1, payloadLength: 0 },
        { opcode: 2, payloadLength: 0, fin: false, rsv: 4 },
      ])
      expect(output.length).toBe(0)
    }
  })

  test('is the same empty array without frames', () => {
    const output = new OutputBuffer({ role: 'server', host: portableHost })
    expect(output.take()).toEqual([])
    expect(output.take()).toBe(output.take())
  })

  test('does not change after it was taken', () => {
    const output = new OutputBuffer({ role: 'server', host: portableHost })
    output.addText(Opcode.text, 'one')
    const first = concat(...output.take())
    const [taken] = output.take()
    expect(taken).toBeUndefined()
    output.addText(Opcode.text, 'two')
    output.addText(Opcode.text, 'three')
    expect(decodeFrames('client', first).frames).toMatchObject([{ payload: utf8('one') }])
    expect(decodeFrames('client', concat(...output.take())).frames).toHaveLength(2)
  })
})

describe('the estimated size', () => {
  test('grows with the output, and shrinks again', () => {
    const { host, sizes } = countingHost()
    const output = new OutputBuffer({ role: 'server', host })
    const turn = (frames: number) => {
      sizes.length = 0
      for (let i = 0; i < frames; i++) output.addFrame(Opcode.binary, new Uint8Array(98))
      return output.take().length
    }
    // Twice the bytes of this turn, or those of the turn before, plus the current frame.
    expect(turn(10)).toBe(3)
    expect(sizes).toEqual([100, 300, 900])
    expect(turn(10)).toBe(1)
    expect(sizes).toEqual([1100])
    expect(turn(1)).toBe(1)
    expect(sizes).toEqual([1100])
    expect(turn(1)).toBe(1)
    expect(sizes).toEqual([200])
  })

  test('is never above 64 KiB, unless one frame needs it', () => {
    const { host, sizes } = countingHost()
    const output = new OutputBuffer({ role: 'client', host })
    for (let i = 0; i < 2000; i++) output.addFrame(Opcode.binary, new Uint8Array(98))
    output.take()
    output.addFrame(Opcode.binary, new Uint8Array(1))
    expect(Math.max(...sizes)).toBe(64 * 1024)
    expect(sizes.at(-1)).toBe(64 * 1024)
    output.addFrame(Opcode.binary, new Uint8Array(100_000))
    expect(sizes.at(-1)).toBeGreaterThan(100_000)
  })
})

describe('a text', () => {
  /**
   * Around the lengths where the header changes: of ASCII, and of characters of three bytes.
   */
  const TEXTS = [0, 1, 41, 42, 62, 63, 125, 126, 1023, 1024, 1025, 21_845, 21_846, 65_535, 65_536].flatMap(
    length => ['x', 'é', '€'].map(character => character.repeat(length)),
  )

  test('has the shortest header and no superfluous byte', () => {
    for (const role of ['server', 'client'] as const) {
      const output = new OutputBuffer({ role, host: countingHost().host })
      for (const text of TEXTS) {
        output.addText(Opcode.text, text)
        const { length } = output
        const key = role === 'client' ? { maskingKey: 0xa1b2c3d4 } : {}
        const expected = encodeFrame({ opcode: Opcode.text, payload: utf8(text), ...key })
        const bytes = concat(...output.take())
        expect(length).toBe(expected.length)
        expect(Buffer.compare(bytes, expected)).toBe(0)
      }
    }
  })

  test('fits in one buffer with others if the turn is like the one before', () => {
    for (const text of TEXTS.filter(text => text.length > 0 && text.length < 1000)) {
      const { host, sizes } = countingHost()
      const output = new OutputBuffer({ role: 'server', host })
      const turn = () => {
        for (let i = 0; i < 16; i++) output.addText(Opcode.text, text)
        return output.take()
      }
      turn()
      sizes.length = 0
      expect(turn()).toHaveLength(1)
      expect(sizes).toHaveLength(1)
    }
  })
})

describe('a large payload', () => {
  test('of a server is not copied between small frames', () => {
    const output = new OutputBuffer({ role: 'server', host: portableHost })
    const payload = new Uint8Array(LARGE).fill(7)
    output.addText(Opcode.text, 'before')
    output.addFrame(Opcode.binary, payload)
    output.addText(Opcode.text, 'after')
    const length = output.length
    const chunks = output.take()
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
    const output = new OutputBuffer({ role: 'server', host: portableHost })
    const payload = new Uint8Array(LARGE - 1)
    output.addFrame(Opcode.binary, payload)
    const chunks = output.take()
    expect(chunks).toHaveLength(1)
    expect(chunks[0]!.buffer).not.toBe(payload.buffer)
  })

  test('does not need a separate buffer for its header', () => {
    const { host, sizes } = countingHost()
    const output = new OutputBuffer({ role: 'server', host })
    const payload = new Uint8Array(LARGE)
    for (let i = 0; i < 4000; i++) output.addFrame(Opcode.binary, payload)
    expect(output.length).toBe(4000 * (LARGE + 4))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3 * 4000 * 4)
  })

  test('of a client is masked in a copy', () => {
    const output = new OutputBuffer({ role: 'client', host: countingHost().host })
    for (const size of [1, 125, 126, 1000, LARGE, 70_000]) {
      const payload = Uint8Array.from({ length: size }, (_, i) => i & 0xff)
      const before = payload.slice()
      output.addFrame(Opcode.binary, payload)
      const bytes = concat(...output.take())
      expect(payload).toEqual(before)
      expect(Buffer.from(bytes).includes(Buffer.from(before.subarray(0, 16)))).toBe(false)
      const [frame] = decodeFrames('server', bytes).frames
      expect(frame).toMatchObject({ maskingKey: 0xa1b2c3d4, payloadLength: size })
      expect(Buffer.compare(frame!.payload, before)).toBe(0)
    }
  })
})

describe('a prepared message', () => {
  test('is shared by servers without other output, which allocate nothing', () => {
    for (const size of [0, 5, 126, LARGE, 70_000]) {
      const message = prepare('x'.repeat(size))
      const frame = message.frame(portableHost)
      for (let i = 0; i < 3; i++) {
        const { host, sizes } = countingHost()
        const output = new OutputBuffer({ role: 'server', host })
        output.addMessage(message)
        expect(output.length).toBe(frame.length)
        const chunks = output.take()
        expect(chunks).toHaveLength(1)
        expect(chunks[0]).toBe(frame)
        expect(sizes).toEqual([])
        expect(output.length).toBe(0)
      }
    }
  })

  test('is copied after other frames, and does not change', () => {
    const output = new OutputBuffer({ role: 'server', host: portableHost })
    const message = prepare('prepared')
    const before = message.frame(portableHost).slice()
    // The second turn has an estimate.
    for (let turn = 0; turn < 2; turn++) {
      if (turn > 0) output.take()
      output.addText(Opcode.text, 'before')
      output.addMessage(message)
      output.addMessage(message)
      output.addText(Opcode.text, 'after')
    }
    expect(output.length).toBe(8 + 10 + 10 + 7)
    const chunks = output.take()
    expect(chunks).toHaveLength(1)
    expect(decodeFrames('client', chunks[0]!).frames.map(frame => frame.payload)).toEqual(
      ['before', 'prepared', 'prepared', 'after'].map(utf8),
    )
    expect(message.frame(portableHost)).toEqual(before)
  })

  test('is not modified by later frames', () => {
    const output = new OutputBuffer({ role: 'server', host: portableHost })
    const [one, two] = [prepare('one'), prepare('two')]
    const frame = one.frame(portableHost)
    const before = frame.slice()
    for (const message of [one, two, 'own']) output.addMessage(message)
    const chunks = output.take()
    expect(chunks[0]).toBe(frame)
    // The others share buffers, which without an estimate hold one frame each.
    expect(decodeFrames('client', concat(...chunks)).frames.map(({ payload }) => payload)).toEqual(
      ['one', 'two', 'own'].map(utf8),
    )
    expect(frame).toEqual(before)
  })

  test('is not copied from 4 KiB on', () => {
    for (const [size, isShared] of [
      [LARGE - 4, true],
      [LARGE - 5, false],
    ] as const) {
      const output = new OutputBuffer({ role: 'server', host: portableHost })
      const message = prepare(new Uint8Array(size).fill(7))
      output.addText(Opcode.text, 'before')
      output.addMessage(message)
      output.addText(Opcode.text, 'after')
      const chunks = output.take()
      expect(chunks.includes(message.frame(portableHost))).toBe(isShared)
      expect(decodeFrames('client', concat(...chunks)).frames.map(frame => frame.payload.length)).toEqual([
        6,
        size,
        5,
      ])
    }
  })

  test('counts for the estimate only if it is copied', () => {
    const { host, sizes } = countingHost()
    const output = new OutputBuffer({ role: 'server', host })
    const message = prepare(new Uint8Array(98))
    message.frame(host)
    const turn = (...messages: Parameters<OutputBuffer['addMessage']>[0][]) => {
      sizes.length = 0
      for (const each of messages) output.addMessage(each)
      output.take()
      return [...sizes]
    }
    expect(turn(message)).toEqual([])
    // The turn before encoded nothing.
    expect(turn(new Uint8Array(8))).toEqual([10])
    expect(turn(message, message, message)).toEqual([110, 300])
    // Two copies.
    expect(turn(new Uint8Array(8))).toEqual([210])
  })

  test('of a client is masked with a new key each time', () => {
    let key = 1
    const output = new OutputBuffer({
      role: 'client',
      host: { ...portableHost, createMaskingKey: () => key++ },
    })
    for (const data of ['text', Uint8Array.of(1, 2, 3)]) {
      const message = prepare(data)
      output.addMessage(message)
      output.addMessage(message)
    }
    expect(decodeFrames('server', concat(...output.take())).frames).toMatchObject([
      { opcode: 1, maskingKey: 1, payload: utf8('text') },
      { opcode: 1, maskingKey: 2, payload: utf8('text') },
      { opcode: 2, maskingKey: 3, payload: Uint8Array.of(1, 2, 3) },
      { opcode: 2, maskingKey: 4, payload: Uint8Array.of(1, 2, 3) },
    ])
  })
})

test('a text is encoded by the host, with the size that it measured', () => {
  const texts = ['ÄÖÜ', 'x'.repeat(200), '€'.repeat(30_000)]
  for (const role of ['server', 'client'] as const) {
    const output = new OutputBuffer({ role, host: portableHost })
    for (const text of texts) output.addText(Opcode.text, text)
    const { frames, rest } = decodeFrames(role === 'server' ? 'client' : 'server', concat(...output.take()))
    expect(rest).toHaveLength(0)
    expect(frames.map(frame => Buffer.from(frame.payload).toString())).toEqual(texts)
  }
})
