// Inputs that failed once. The tests run each of them.

/** An input that failed once. */
export interface Vector {
  readonly target: string
  /** What was wrong with the stack, as the end of a test's name. */
  readonly was: string
  /** The input, in hexadecimal digits. */
  readonly input: string
}

/** All such inputs. */
export const vectors: readonly Vector[] = [
  {
    target: 'message stream',
    was: 'a streamed text that ended inside of a character was neither ended nor aborted',
    // Settings (client, 70,000 bytes, 1 fragment, streamed), no script, and an unmasked text frame with
    // the first byte of a character.
    input: '0f000600 00 8101c3',
  },
  {
    target: 'client handshake',
    was: 'an answer behind that of a proxy was lost where the transport had ended with it',
    // Through an HTTP proxy: its 200, and a line end of the server.
    input: '01485454502f312e31203230300d0a0d0a0a',
  },
]
