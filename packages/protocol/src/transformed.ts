// What an extension makes of a piece of a message of ours, kept until it has made all of it. Knows neither frames nor order.

import type { MessageTransform, TransformOutput } from './extension.ts'

/** What was made; undefined: the message shall leave as it is. */
export type Transformed = Uint8Array | undefined

const EMPTY = new Uint8Array(0)

/**
 * Has a piece transformed, at once or later; the bytes must stay as they are until then. Only a `whole` message may leave as it is.
 * Throws or rejects with what the transform throws.
 */
export function transformPiece(
  transform: MessageTransform,
  bytes: Uint8Array,
  last: boolean,
  whole: boolean,
): Transformed | Promise<Transformed> {
  const output = whole ? new WholeOutput() : new GatheredOutput()
  const done = transform.write(bytes, last, output)
  return done === undefined ? output.made : Promise.resolve(done).then(() => output.made)
}

class GatheredOutput implements TransformOutput {
  readonly room = Number.POSITIVE_INFINITY
  readonly #parts: Uint8Array[] = []

  push(bytes: Uint8Array): void {
    this.#parts.push(new Uint8Array(bytes))
  }

  get made(): Transformed {
    if (this.#parts.length <= 1) return this.#parts[0] ?? EMPTY
    const joined = new Uint8Array(this.#parts.reduce((length, part) => length + part.length, 0))
    let at = 0
    for (const part of this.#parts) {
      joined.set(part, at)
      at += part.length
    }
    return joined
  }
}

class WholeOutput extends GatheredOutput {
  #asIs = false

  sendAsIs(): void {
    this.#asIs = true
  }

  override get made(): Transformed {
    return this.#asIs ? undefined : super.made
  }
}
