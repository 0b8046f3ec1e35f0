// The closing handshake (RFC 6455 §7) as one table of states: who may still speak, what is reported, and what the transport
// shall do. Knows nothing of messages.
//
//   state    we close                 Close arrives           the law is broken        the transport ends
//   open     send Close → closing     echo it, report         send Close, report       report 1006
//   closing  –                        report                  report                   report 1006
//   closed   –                        –                       –                        –        (each report → closed)

import {
  CloseCode,
  isSendableCloseCode,
  MAX_REASON_LENGTH,
  ProtocolError,
  type Role,
  readClosePayload,
  writeClosePayload,
} from '@ws/frame'
import { Deadline } from './deadline.ts'
import type { Outgoing } from './outgoing.ts'
import type { CloseReport, ProtocolSink } from './sink.ts'

/** `closed` is reached when the handshake is over, however it went; the transport may still be open behind it. */
export type State = 'open' | 'closing' | 'closed'

/**
 * What a connection wants of its transport: to be kept open; to end our side of it when the output has been written, and to
 * read (and discard) on until the peer ends its own; or to be torn down at once.
 */
export type TransportAction = 'open' | 'end' | 'destroy'

/** What lets go of everything it holds. */
export interface Releasable {
  release(): void
}

const EMPTY = new Uint8Array(0)

/** The closing handshake of one connection. */
export class Closing {
  readonly #role: Role
  readonly #outgoing: Outgoing
  readonly #sink: ProtocolSink
  readonly #closeTimeout: number
  #releasable: Releasable | undefined
  /** What the peer owes us: its Close, or the end of the transport. */
  #deadline: Deadline | undefined
  #state: State = 'open'
  /** Neither side waits for the other any more. */
  #over = false
  #torn = false

  constructor(role: Role, outgoing: Outgoing, sink: ProtocolSink, closeTimeout: number) {
    this.#role = role
    this.#outgoing = outgoing
    this.#sink = sink
    this.#closeTimeout = closeTimeout
    outgoing.failTo(this)
  }

  /** What comes in is put away by this when the connection has ended, before the report. */
  releaseWith(releasable: Releasable): void {
    this.#releasable = releasable
  }

  get state(): State {
    return this.#state
  }

  get transportAction(): TransportAction {
    if (this.#torn) return 'destroy'
    if (this.#state !== 'closed' || !this.#outgoing.finished) return 'open'
    // "… the server MUST close the underlying TCP connection immediately; the client SHOULD wait for the server to close"
    return this.#role === 'server' || this.#over ? 'end' : 'open'
  }

  /** We close. Throws as `writeClosePayload` does, in any state; does nothing unless open. */
  close(code?: number, reason?: string): void {
    const payload = writeClosePayload(code, reason)
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#outgoing.close(payload)
  }

  /** A Close frame arrived. Throws a `ProtocolError` for one that is illegal. */
  receiveClose(bytes: Uint8Array, start: number, end: number): void {
    const { code, reason } = readClosePayload(bytes, start, end)
    if (this.#state === 'closing') {
      this.#report({ code, reason, clean: true, by: 'local' })
      return
    }
    // "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame
    // in response. (When sending a Close frame in response, the endpoint typically echos the status code it received.)"
    this.#outgoing.close(code === CloseCode.noStatus ? EMPTY : writeClosePayload(code))
    this.#report({ code, reason, clean: true, by: 'peer' })
  }

  /** The peer broke the law, or something of ours failed: "_Fail the WebSocket Connection_" (RFC 6455 §7.1.7). */
  fail(error: unknown): void {
    if (this.#state === 'closed') return
    const fault = error instanceof ProtocolError && isSendableCloseCode(error.closeCode)
    const code = fault ? error.closeCode : CloseCode.internalError
    const reason = fault ? fitReason(error.message) : 'internal error'
    // "… the endpoint SHOULD send a Close frame with an appropriate status code"
    this.#outgoing.abort(writeClosePayload(code, reason))
    this.#report({ code, reason, clean: false, by: 'local', cause: error })
  }

  /** The transport ended: nothing more will come, and nothing more will arrive there. */
  endTransport(cause?: unknown): void {
    this.#over = true
    if (this.#state === 'closed') return
    this.#outgoing.abort()
    this.#reportAbnormal('network', cause)
  }

  /** We tear the connection down without a word. */
  terminate(cause?: unknown): void {
    this.#torn = true
    this.#outgoing.abort()
    if (this.#state !== 'closed') this.#reportAbnormal('local', cause)
  }

  /** Loses patience with a peer that does not answer our Close, or does not end the transport after it. */
  tick(now: number, elapsed: number, standing: boolean): void {
    if (this.#state === 'open' || this.#torn) return
    this.#deadline ??= new Deadline(this.#closeTimeout)
    if (!this.#deadline.isExpired(now, elapsed, standing)) return
    this.terminate(
      new Error(`the peer did not answer the Close within ${this.#closeTimeout} ms (RFC 6455 §7.1.1)`),
    )
  }

  #reportAbnormal(by: 'local' | 'network', cause: unknown): void {
    const report = { code: CloseCode.abnormal, reason: '', clean: false, by } as const
    this.#report(cause === undefined ? report : { ...report, cause })
  }

  #report(report: CloseReport): void {
    this.#state = 'closed'
    this.#deadline = undefined
    this.#releasable!.release()
    this.#outgoing.release()
    this.#sink.close(report)
  }
}

/** As much of a reason as a Close frame can hold, cut between characters. */
function fitReason(reason: string): string {
  const encoder = new TextEncoder()
  const { read } = encoder.encodeInto(reason, new Uint8Array(MAX_REASON_LENGTH))
  return reason.slice(0, read)
}
