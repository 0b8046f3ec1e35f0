// Receives frames whose messages are dropped: the order of frames is still checked, and control
// frames are handled.

import { type FrameHeader, type FrameSink, isControl } from '@ws/frame'
import { type ControlConnection, receiveControl } from './control-frames.ts'
import { checkOrder } from './frame-order.ts'

export class Discarder implements FrameSink {
  readonly #connection: ControlConnection
  #isFragmented: boolean

  /** `isFragmented` is true if a message is in progress, of which more frames follow. */
  constructor(connection: ControlConnection, isFragmented: boolean) {
    this.#connection = connection
    this.#isFragmented = isFragmented
  }

  /** See `FrameSink`. Throws a `ProtocolError`. */
  header(header: Readonly<FrameHeader>): void {
    checkOrder(header, this.#isFragmented)
    if (!isControl(header.opcode)) this.#isFragmented = !header.fin
  }

  /** See `FrameSink`: a control frame. Throws a `ProtocolError`, and errors of the sink. */
  payload({ opcode }: Readonly<FrameHeader>, bytes: Uint8Array, start: number, end: number): boolean {
    receiveControl(this.#connection, opcode, bytes, start, end)
    return this.#connection.isClosed
  }
}
