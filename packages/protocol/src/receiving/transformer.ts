// Runs an extension over one received message, piece by piece. Some pieces are transformed at once,
// others later (in a thread pool, for example).

import type { MessageTransform, TransformOutput } from '../extension.ts'
import type { MessageAccount } from './message-account.ts'
import type { MessageBody } from './message-body.ts'

/** Notified when a transform settles after `Transformer.write` has returned. */
export interface TransformListener {
  transformed(): void
  transformFailed(error: unknown): void
}

/** Writes the output of a transform to the body of a message. */
export class Transformer implements TransformOutput {
  readonly #transform: MessageTransform
  readonly #body: MessageBody
  readonly #account: MessageAccount
  readonly #listener: TransformListener
  #isRunning = false
  #pieceLength = 0
  #isComplete = false
  #isClosed = false

  constructor(
    transform: MessageTransform,
    body: MessageBody,
    account: MessageAccount,
    listener: TransformListener,
  ) {
    this.#transform = transform
    this.#body = body
    this.#account = account
    this.#listener = listener
  }

  /** A piece is being transformed; the next one has to wait. */
  get isRunning(): boolean {
    return this.#isRunning
  }

  /** Bytes of the piece that is being transformed. */
  get length(): number {
    return this.#isRunning ? this.#pieceLength : 0
  }

  /** The last piece has been transformed. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  get room(): number {
    return this.#isClosed ? 0 : this.#account.room
  }

  push(bytes: Uint8Array): void {
    if (this.#isClosed) return
    this.#account.countProduced(bytes.length)
    if (bytes.length > 0) this.#body.push(bytes, 0, bytes.length)
  }

  /**
   * Transforms a piece, which must not change until that is done. Throws errors of the transform.
   */
  write(piece: Uint8Array, isLast: boolean): void {
    const result = this.#transform.write(piece, isLast, this)
    if (result === undefined) {
      this.#isComplete = isLast
      return
    }
    this.#isRunning = true
    this.#pieceLength = piece.length
    Promise.resolve(result).then(
      () => {
        this.#isRunning = false
        this.#isComplete = isLast
        if (!this.#isClosed) this.#listener.transformed()
      },
      (error: unknown) => {
        this.#isRunning = false
        if (!this.#isClosed) this.#listener.transformFailed(error)
      },
    )
  }

  /** Drops further output: the message is complete or the connection is closed. */
  close(): void {
    this.#isClosed = true
  }
}
