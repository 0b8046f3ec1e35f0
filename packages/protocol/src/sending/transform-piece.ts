// Runs an extension over one piece of a message that is being sent, and collects its output.

import { join } from '../bytes.ts'
import type { MessageTransform, TransformOutput } from '../extension.ts'

/** The output for a piece; undefined if the extension chose to send the message untransformed. */
export type Transformed = Uint8Array | undefined

/**
 * Transforms a piece, at once or later; the bytes must not change until then. Only a message that
 * is passed whole (`isWhole`) can be sent untransformed. Throws or rejects with errors of the
 * transform.
 */
export function transformPiece(
  transform: MessageTransform,
  bytes: Uint8Array,
  isLast: boolean,
  isWhole: boolean,
): Transformed | Promise<Transformed> {
  const output = isWhole ? new MessageOutput() : new PieceOutput()
  const done = transform.write(bytes, isLast, output)
  return done === undefined ? output.result : Promise.resolve(done).then(() => output.result)
}

class PieceOutput implements TransformOutput {
  readonly room = Number.POSITIVE_INFINITY
  readonly #parts: Uint8Array[] = []

  push(bytes: Uint8Array): void {
    this.#parts.push(new Uint8Array(bytes))
  }

  get result(): Transformed {
    return join(this.#parts)
  }
}

class MessageOutput extends PieceOutput {
  #isUntransformed = false

  sendAsIs(): void {
    this.#isUntransformed = true
  }

  override get result(): Transformed {
    return this.#isUntransformed ? undefined : super.result
  }
}
