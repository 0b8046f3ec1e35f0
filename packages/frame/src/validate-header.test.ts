import { describe, expect, test } from 'vitest'
import { createHeader, type FrameHeader } from './header.ts'
import type { Role } from './role.ts'
import { validateHeader } from './validate-header.ts'

function verdict(fields: Partial<FrameHeader>, role: Role = 'server', reservedBits = 0): unknown {
  const header = { ...createHeader(1), masked: role === 'server', ...fields }
  try {
    validateHeader(header, role, reservedBits)
    return 'legal'
  } catch (error) {
    return error
  }
}

const fault = (closeCode: number, message: string) =>
  expect.objectContaining({ name: 'ProtocolError', closeCode, message: expect.stringContaining(message) })

describe('opcodes', () => {
  test.each([0, 1, 2, 8, 9, 10])('accepts %i', opcode => expect(verdict({ opcode })).toBe('legal'))
  test.each([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])('F4: rejects %i', opcode => {
    expect(verdict({ opcode })).toEqual(fault(1002, `unknown opcode ${opcode} (RFC 6455 §5.2)`))
  })
})

describe('reserved bits', () => {
  test.each([
    [4, 'RSV1'],
    [2, 'RSV2'],
    [1, 'RSV3'],
    [7, 'RSV1'],
  ])('F1, F2: rejects %i without an extension, and names %s', (rsv, name) => {
    expect(verdict({ rsv })).toEqual(fault(1002, `reserved bit ${name} set`))
  })
  test('accepts RSV1 of an extension', () => expect(verdict({ rsv: 4 }, 'server', 4)).toBe('legal'))
  test('rejects RSV2 with an extension that uses RSV1', () => {
    expect(verdict({ rsv: 6 }, 'server', 4)).toEqual(fault(1002, 'reserved bit RSV2 set'))
  })
})

describe('masking', () => {
  test('F3: rejects an unmasked frame from a client', () => {
    expect(verdict({ masked: false })).toEqual(fault(1002, 'unmasked frame from a client (RFC 6455 §5.1)'))
  })
  test('F16: rejects a masked frame from a server', () => {
    expect(verdict({ masked: true }, 'client')).toEqual(
      fault(1002, 'masked frame from a server (RFC 6455 §5.1)'),
    )
    expect(verdict({}, 'client')).toBe('legal')
  })
})

describe.each([8, 9, 10])('the control frame %i', opcode => {
  test('F5: must not be fragmented', () => {
    expect(verdict({ opcode, fin: false })).toEqual(fault(1002, 'fragmented control frame (RFC 6455 §5.5)'))
  })
  test('F6: must have at most 125 bytes', () => {
    const long = fault(1002, 'control frame longer than 125 bytes (RFC 6455 §5.5)')
    expect(verdict({ opcode, payloadLength: 125 })).toBe('legal')
    expect(verdict({ opcode, payloadLength: 126, lengthSize: 2 })).toEqual(long)
    expect(verdict({ opcode, payloadLength: 65_536, lengthSize: 8 })).toEqual(long)
    expect(verdict({ opcode, payloadLength: 2, lengthSize: 2 })).toEqual(long)
  })
})

describe('lengths', () => {
  test.each([
    [126, 2],
    [65_535, 2],
    [65_536, 8],
    [2 ** 53 - 1, 8],
  ] as const)('accepts %i in %i bytes', (payloadLength, lengthSize) => {
    expect(verdict({ payloadLength, lengthSize })).toBe('legal')
  })
  test.each([
    [2, 2],
    [125, 2],
    [200, 8],
    [65_535, 8],
  ] as const)('F7: rejects %i in %i bytes', (payloadLength, lengthSize) => {
    expect(verdict({ payloadLength, lengthSize })).toEqual(
      fault(1002, 'minimal number of bytes (RFC 6455 §5.2)'),
    )
  })
  test('F8: rejects a length with the most significant bit set', () => {
    expect(verdict({ payloadLength: 2 ** 63, lengthSize: 8 })).toEqual(fault(1002, 'most significant bit'))
  })
  test('F9: rejects a length above 2^53 − 1 with 1009', () => {
    expect(verdict({ payloadLength: 2 ** 53, lengthSize: 8 })).toEqual(fault(1009, '2^53'))
  })
})
