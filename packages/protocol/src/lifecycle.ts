// The lifecycle of a connection: the closing handshake (RFC 6455 §7), its failure, and the end of
// the transport, as one table of states.
//
//   state    we close               Close received       connection fails      transport ends
//   open     send Close → closing   echo it, report      send Close, report    report 1006
//   closing  –                      report               report                report 1006
//   closed   –                      –                    –                     –
//
// Each report leads to `closed`.

import {
  CloseCode,
  isSendableCloseCode,
  MAX_REASON_LENGTH,
  ProtocolError,
  type Role,
  readClosePayload,
  WebSocketError,
  writeClosePayload,
} from '@ws/frame'
import { copy } from './bytes.ts'
import { abnormalEnd, internalError } from './close-cause.ts'
import type { Context } from './context.ts'
import { Deadline } from './deadline.ts'
import type { Extension } from './extension.ts'
import type { Host } from './host.ts'
import type { Limits } from './limits.ts'
import { Receiver, type ReceiverConnection } from './receiving/receiver.ts'
import { Sender, type SenderConnection } from './sending/sender.ts'
import type { CloseCause, CloseInfo, ProtocolSink } from './sink.ts'

/** `closed` means that the close report has been given; the transport may still be open. */
export type State = 'open' | 'closing' | 'closed'

/**
 * The action to apply to the transport once the output has been written: keep it open (`open`), end
 * our side and read on until the peer ends its own (`end`), or destroy it at once (`destroy`).
 */
export type TransportAction = 'open' | 'end' | 'destroy'

export class Lifecycle implements ReceiverConnection, SenderConnection {
  // The fields of `Context` are here so that each part needs one reference only.
  readonly role: Role
  readonly host: Host
  readonly limits: Limits
  readonly extension: Extension | undefined
  readonly autoPong: boolean
  readonly textAsBytes: boolean
  readonly sink: ProtocolSink
  readonly sender: Sender
  readonly receiver: Receiver
  /** For the peer's Close, then for the end of the transport. */
  #deadline: Deadline | undefined
  #state: State = 'open'
  #transport: 'open' | 'ended' | 'terminated' = 'open'

  constructor({ role, host, limits, extension, autoPong, textAsBytes, sink }: Context) {
    this.role = role
    this.host = host
    this.limits = limits
    this.extension = extension
    this.autoPong = autoPong
    this.textAsBytes = textAsBytes
    this.sink = sink
    this.sender = new Sender(this)
    this.receiver = new Receiver(this)
  }

  get state(): State {
    return this.#state
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  get transportAction(): TransportAction {
    if (this.#transport === 'terminated') return 'destroy'
    if (this.#state !== 'closed' || !this.sender.isFinished) return 'open'
    // "… the server MUST close the underlying TCP connection immediately; the client SHOULD wait
    // for the server to close"
    return this.role === 'server' || this.#transport === 'ended' ? 'end' : 'open'
  }

  /** Starts the closing handshake if the connection is open. Throws as `writeClosePayload` does. */
  close(code?: number, reason?: string): void {
    const payload = writeClosePayload(code, reason)
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.sender.close(payload)
  }

  /** Handles the peer's Close frame. Throws a `ProtocolError` if it is illegal. */
  receiveClose(bytes: Uint8Array, start: number, end: number): void {
    const { code, reason } = readClosePayload(bytes, start, end)
    if (this.#state === 'closing') {
      this.#report({ code, reason, wasClean: true, by: 'local' })
      return
    }
    // "If an endpoint receives a Close frame and did not previously send a Close frame, the
    // endpoint MUST send a Close frame in response. (When sending a Close frame in response, the
    // endpoint typically echos the status code it received.)" The reason is echoed too, because the
    // close event of browsers and Node reports what they receive.
    this.sender.close(copy(bytes, start, end))
    this.#report({ code, reason, wasClean: true, by: 'peer' })
  }

  /**
   * "_Fail the WebSocket Connection_" (RFC 6455 §7.1.7), for a peer's fault or an internal error.
   */
  fail(error: unknown): void {
    if (this.#state === 'closed') return
    const isFault = error instanceof ProtocolError && isSendableCloseCode(error.closeCode)
    const code = isFault ? error.closeCode : CloseCode.internalError
    const reason = isFault ? truncateReason(error.message) : 'internal error'
    // "… the endpoint SHOULD send a Close frame with an appropriate status code"
    this.sender.abort(writeClosePayload(code, reason))
    this.#report({ code, reason, wasClean: false, by: 'local', cause: internalError(error) })
  }

  /** The transport has ended in both directions. */
  endTransport(cause?: Error): void {
    if (this.#transport === 'open') this.#transport = 'ended'
    if (this.#state === 'closed') return
    this.sender.abort()
    this.#reportAbnormal('network', cause && abnormalEnd(cause, 'ERR_WS_TRANSPORT_FAILED'))
  }

  /** Ends the connection at once, without a Close frame. */
  terminate(cause?: Error): void {
    this.#transport = 'terminated'
    this.sender.abort()
    if (this.#state !== 'closed')
      this.#reportAbnormal('local', cause && abnormalEnd(cause, 'ERR_WS_TERMINATED'))
  }

  /** Checks all deadlines; see `Deadline.isExpired`. */
  tick(now: number, elapsed: number): void {
    this.receiver.tick(now, elapsed)
    if (this.#state === 'open' || this.#transport === 'terminated') return
    const { closeTimeout } = this.limits
    this.#deadline ??= new Deadline(closeTimeout)
    if (!this.#deadline.isExpired(now, elapsed, this.receiver.isPaused)) return
    this.terminate(
      new WebSocketError(`the peer did not answer the Close within ${closeTimeout} ms (RFC 6455 §7.1.1)`, {
        code: 'ERR_WS_CLOSE_TIMEOUT',
        closeCode: CloseCode.abnormal,
      }),
    )
  }

  #reportAbnormal(by: 'local' | 'network', cause: CloseCause | undefined): void {
    const report = { code: CloseCode.abnormal, reason: '', wasClean: false, by } as const
    this.#report(cause === undefined ? report : { ...report, cause })
  }

  #report(report: CloseInfo): void {
    this.#state = 'closed'
    this.#deadline = undefined
    this.receiver.release()
    this.sender.release()
    this.sink.close(report)
  }
}

/** As much of a reason as fits in a Close frame, in whole characters. */
function truncateReason(reason: string): string {
  const encoder = new TextEncoder()
  const { read } = encoder.encodeInto(reason, new Uint8Array(MAX_REASON_LENGTH))
  return reason.slice(0, read)
}
