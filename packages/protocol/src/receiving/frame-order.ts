// The rules for a frame that depend on the frames before it (RFC 6455 §5.4, §5.8).

import { type FrameHeader, isControl, Opcode, ProtocolError } from '@ws/frame'

/**
 * Throws a `ProtocolError` (1002) for a frame that must not be next. `isFragmented` is true between
 * the first and the last frame of a message.
 */
export function checkOrder({ opcode, rsv }: Readonly<FrameHeader>, isFragmented: boolean): void {
  if (isControl(opcode) || opcode === Opcode.continuation) {
    // Extensions may set reserved bits only where a message begins.
    if (rsv !== 0)
      throw new ProtocolError('reserved bit set on a frame that does not begin a message', {
        code: 'ERR_WS_RESERVED_BIT',
        closeCode: 1002,
        section: 'RFC 6455 §5.8',
      })
    // "… subsequent fragments … have an opcode of 0": one has to be first.
    if (opcode === Opcode.continuation && !isFragmented)
      throw new ProtocolError('continuation frame without a message in progress', {
        code: 'ERR_WS_UNEXPECTED_CONTINUATION',
        closeCode: 1002,
        section: 'RFC 6455 §5.4',
      })
  } else if (isFragmented) {
    // "The fragments of one message MUST NOT be interleaved between the fragments of another
    // message"
    throw new ProtocolError('new message before the end of a fragmented message', {
      code: 'ERR_WS_EXPECTED_CONTINUATION',
      closeCode: 1002,
      section: 'RFC 6455 §5.4',
    })
  }
}
