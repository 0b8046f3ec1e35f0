// Inputs that came to something undocumented once. Each is run by every test of its target from then on.

/** A former find. */
export interface Vector {
  readonly target: string
  /** What was wrong. */
  readonly was: string
  /** The input, in hexadecimal digits. */
  readonly input: string
}

/** All former finds. */
export const vectors: readonly Vector[] = [
  {
    target: 'message stream',
    was: 'a streamed text that ended inside of a character was neither ended nor aborted',
    // Settings (client, 70,000 bytes, 1 fragment, streamed) | no script | an unmasked text frame of one byte that begins a character.
    input: '0f000600 00 8101c3',
  },
  {
    target: 'client handshake',
    was: 'an answer behind that of a proxy was lost where the transport had ended with it',
    // Through an HTTP proxy: its 200, and a line end of the server.
    input: '01485454502f312e31203230300d0a0d0a0a',
  },
]
