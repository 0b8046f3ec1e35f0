import { ProtocolError } from '@ws/frame'

/** An invalid message of the peer, for which the tester fails the connection. */
export class PeerFault extends Error {
  override readonly name = 'PeerFault'
  readonly closeCode: number

  constructor(message: string, closeCode: number) {
    super(message)
    this.closeCode = closeCode
  }
}

/** Whether the peer caused this error: with an invalid frame, or an invalid message. */
export function isPeerFault(error: unknown): error is PeerFault | ProtocolError {
  return error instanceof PeerFault || error instanceof ProtocolError
}
