// The property `_sender` of a `WebSocket`, which libraries use to send one encoded frame to many
// sockets.

/** The output of a connection. */
interface FrameOutput {
  sendEncoded(frame: Uint8Array): void
  onWritten(written: (error?: Error) => void): void
}

/** Sends encoded frames on one connection. */
export class ConnectionSender {
  readonly #output: FrameOutput

  constructor(output: FrameOutput) {
    this.#output = output
  }

  /**
   * Sends the parts of a frame, such as those that `Sender.frame` returns, and calls back when they
   * have been written.
   */
  sendFrame(parts: readonly Uint8Array[], callback?: (error?: Error) => void): void {
    for (const part of parts) this.#output.sendEncoded(part)
    if (callback !== undefined) this.#output.onWritten(callback)
  }
}
