// The lifecycle of a connection: the closing handshake (RFC 6455 §7), its failure, and the end of
// the transport. Three facts make up its state: whether we can send, which our Close frame ends; the
// close report, which is final once it is known; and whether it has been delivered, which is after
// all messages received before it.
//
//   event                          we can send   report     we write
//   we close                       no            –          Close
//   Close found in held input      yes           by peer    –
//   … after half of closeTimeout   no            –          Close, echoed
//   Close received in its turn     no            delivered  Close, echoed
//   connection fails               no            delivered  Close
//   transport ends, input held     no            1006       –
//   … behind a Close               yes           by peer    –
//   transport ends                 no            delivered  –
//
// A Close that we have sent before is not sent again, and a report that is known does not change.

import {
  CloseCode,
  type ClosePayload,
  isSendableCloseCode,
  MAX_REASON_LENGTH,
  ProtocolError,
  type Role,
  readClosePayload,
  WebSocketError,
  writeClosePayload,
} from '@ws/frame'
import { abnormalEnd, internalError } from './close-cause.ts'
import type { Context } from './context.ts'
import { Deadline } from './deadline.ts'
import type { Extension } from './extension.ts'
import type { Host } from './host.ts'
import type { Limits } from './limits.ts'
import { Receiver, type ReceiverConnection } from './receiving/receiver.ts'
import { Sender, type SenderConnection } from './sending/sender.ts'
import type { CloseInfo, ProtocolSink } from './sink.ts'

/**
 * `closing` means that we or the peer sent a Close, or that the transport has ended, and `closed`
 * that the close report has been delivered; the transport may still be open.
 */
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
  /** For our Close, then for the peer's, then for the end of the transport. */
  #deadline: Deadline | undefined
  #canSend = true
  /** Final, even if it is delivered later. */
  #report: CloseInfo | undefined
  #isClosed = false
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
    if (this.#isClosed) return 'closed'
    return this.#canSend && this.#report === undefined ? 'open' : 'closing'
  }

  /** Our Close frame has not been sent, and the transport has not ended. */
  get canSend(): boolean {
    return this.#canSend
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get transportAction(): TransportAction {
    if (this.#transport === 'terminated') return 'destroy'
    if (this.#report === undefined || !this.sender.isFinished) return 'open'
    // "… the server MUST close the underlying TCP connection immediately; the client SHOULD wait
    // for the server to close"
    return this.role === 'server' || this.#transport === 'ended' ? 'end' : 'open'
  }

  /**
   * Sends our Close frame: with this payload, or with the peer's if it closes too. Throws as
   * `writeClosePayload` does.
   */
  close(code?: number, reason?: string): void {
    const payload = writeClosePayload(code, reason)
    if (this.#canSend) this.#sendClose(this.#report === undefined ? payload : echo(this.#report))
  }

  /** The peer's Close frame has been found, and all input before that is still held. */
  announceClose(payload: ClosePayload): void {
    this.#conclude({ ...payload, wasClean: true, by: this.#canSend ? 'peer' : 'local' })
  }

  /** Handles the peer's Close frame. Throws a `ProtocolError` if it is illegal. */
  receiveClose(bytes: Uint8Array, start: number, end: number): void {
    const payload = readClosePayload(bytes, start, end)
    const by = this.#canSend ? 'peer' : 'local'
    if (this.#canSend) this.#sendClose(echo(payload))
    this.#finish({ ...payload, wasClean: true, by })
  }

  /**
   * "_Fail the WebSocket Connection_" (RFC 6455 §7.1.7), for a peer's fault or an internal error.
   */
  fail(error: unknown): void {
    if (this.#isClosed) return
    const isFault = error instanceof ProtocolError && isSendableCloseCode(error.closeCode)
    const code = isFault ? error.closeCode : CloseCode.internalError
    const reason = isFault ? truncateReason(error.message) : 'internal error'
    // "… the endpoint SHOULD send a Close frame with an appropriate status code"
    this.#canSend = false
    this.sender.abort(writeClosePayload(code, reason))
    this.#finish({ code, reason, wasClean: false, by: 'local', cause: internalError(error) })
  }

  /** The transport has ended, but input before that is still held. */
  announceEnd(cause: Error | undefined): void {
    if (this.#transport === 'open') this.#transport = 'ended'
    if (this.#isClosed) return
    // A peer that has sent a Close may have ended its half of the transport only, to read ours.
    if (this.#report?.wasClean === true && cause === undefined) return
    this.#stopSending()
    this.#conclude(abnormalClosure('network', cause))
  }

  /** The transport has ended, and all input before that has been handled. */
  endTransport(cause: Error | undefined): void {
    this.announceEnd(cause)
    this.#finish(abnormalClosure('network', cause))
  }

  /** Ends the connection at once, without a Close frame. */
  terminate(cause?: Error): void {
    this.#transport = 'terminated'
    this.#stopSending()
    this.#finish(abnormalClosure('local', cause))
  }

  /** Checks all deadlines; see `Deadline.isExpired`. None of the closing ones stands still. */
  tick(now: number, elapsed: number): void {
    this.receiver.tick(now, elapsed)
    if (this.#transport === 'terminated' || this.state === 'open') return
    const { closeTimeout } = this.limits
    this.#deadline ??= new Deadline(this.#canSend ? closeTimeout / 2 : closeTimeout)
    if (!this.#deadline.isExpired(now, elapsed, false)) return
    if (this.#report === undefined) {
      const message = `the peer did not answer the Close within ${closeTimeout} ms (RFC 6455 §7.1.1)`
      const code = 'ERR_WS_CLOSE_TIMEOUT'
      this.terminate(new WebSocketError(message, { code, closeCode: CloseCode.abnormal }))
    } else if (this.#canSend) this.#sendClose(echo(this.#report))
    else {
      this.#transport = 'terminated'
      this.#stopSending()
    }
  }

  /** Sends a Close frame, after which nothing is sent. */
  #sendClose(payload: Uint8Array): void {
    this.#canSend = false
    this.#deadline = undefined
    this.sender.close(payload)
  }

  /** Sends nothing more, not even a Close frame. */
  #stopSending(): void {
    this.#canSend = false
    this.sender.abort()
  }

  /** The report is known, and the first one stays. */
  #conclude(report: CloseInfo): void {
    if (this.#report !== undefined) return
    this.#report = report
    this.#deadline = undefined
    this.sink.closing?.(report)
  }

  /** Delivers the report, this one if none was known. */
  #finish(report: CloseInfo): void {
    this.#conclude(report)
    // The sink may have terminated the connection.
    if (this.#isClosed) return
    this.#isClosed = true
    this.receiver.release()
    this.sender.release()
    this.sink.close(this.#report!)
  }
}

/** The payload of the Close frame that answers one with this code and reason. */
function echo({ code, reason }: ClosePayload): Uint8Array {
  // "When sending a Close frame in response, the endpoint typically echos the status code it
  // received." The reason is echoed too, because the close event of browsers and Node reports what
  // they receive.
  return code === CloseCode.noStatus ? writeClosePayload() : writeClosePayload(code, reason)
}

function abnormalClosure(by: 'local' | 'network', error: Error | undefined): CloseInfo {
  const report = { code: CloseCode.abnormal, reason: '', wasClean: false, by } as const
  if (error === undefined) return report
  const code = by === 'local' ? 'ERR_WS_TERMINATED' : 'ERR_WS_TRANSPORT_FAILED'
  return { ...report, cause: abnormalEnd(error, code) }
}

/** As much of a reason as fits in a Close frame, in whole characters. */
function truncateReason(reason: string): string {
  const encoder = new TextEncoder()
  const { read } = encoder.encodeInto(reason, new Uint8Array(MAX_REASON_LENGTH))
  return reason.slice(0, read)
}
