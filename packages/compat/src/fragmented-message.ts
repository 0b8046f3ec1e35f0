// One message that a program sends in fragments, or whose content is read from a `Blob`. Messages
// that are sent in the meantime wait for its end.

import { StringDecoder } from 'node:string_decoder'
import type { Connection } from '@ws/connection'
import type { MessageType, OutgoingStream } from '@ws/protocol'
import { toBytes } from './data.ts'

type Output = Pick<Connection<never>['output'], 'requestFlush' | 'flush' | 'onWritten' | 'fail'>
type Written = (error?: Error) => void

/** The fragments are sent in the order of the calls of `send`. */
export class FragmentedMessage {
  readonly #stream: OutgoingStream
  readonly #output: Output
  /** A fragment of a text may end within a character. */
  readonly #decoder: StringDecoder | undefined
  /** Fragments wait for the content of a `Blob`. */
  #waiting: Promise<void> | undefined

  constructor(stream: OutgoingStream, output: Output, type: MessageType) {
    this.#stream = stream
    this.#output = output
    this.#decoder = type === 'text' ? new StringDecoder('utf8') : undefined
  }

  /** Sends a fragment, and calls `written` when it has been written. */
  send(data: unknown, isLast: boolean, written: Written | undefined): void {
    if (this.#waiting === undefined && !(data instanceof Blob)) {
      this.#write(data, isLast, written)
      return
    }
    const before = this.#waiting ?? Promise.resolve()
    this.#waiting = before
      .then(() => (data instanceof Blob ? data.arrayBuffer() : data))
      .then(bytes => this.#write(bytes, isLast, written))
      .catch((error: Error) => {
        this.#output.fail(error)
        written?.(error)
      })
  }

  #write(data: unknown, isLast: boolean, written: Written | undefined): void {
    const piece = this.#pieceOf(data, isLast)
    if (isLast) this.#stream.end(piece)
    else this.#stream.write(piece)
    if (written !== undefined) this.#output.onWritten(written)
    // The caller may reuse the bytes.
    if (typeof piece === 'string') this.#output.requestFlush()
    else this.#output.flush()
  }

  #pieceOf(data: unknown, isLast: boolean): string | Uint8Array {
    if (this.#decoder === undefined) return toBytes(data)
    if (typeof data === 'string') return data
    const text = this.#decoder.write(toBytes(data) as Buffer)
    return isLast ? text + this.#decoder.end() : text
  }
}
