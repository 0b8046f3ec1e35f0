// Opcodes: the types of frames.

/** The opcodes of RFC 6455 §5.2; 3–7 and 11–15 are reserved. */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const

/** One of the six opcodes defined by RFC 6455. */
export type Opcode = (typeof Opcode)[keyof typeof Opcode]

/**
 * Control frames are "identified by opcodes where the most significant bit of the opcode is 1" (RFC
 * 6455 §5.5).
 */
export function isControl(opcode: number): boolean {
  return opcode >= 0x8
}
