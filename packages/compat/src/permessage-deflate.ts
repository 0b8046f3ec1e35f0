// The class `PerMessageDeflate`: the negotiation and the transformation of messages (RFC 7692),
// without a connection.

import type {
  Extension,
  ExtensionParam,
  MessageTransform,
  MessageType,
  NegotiableExtension,
  Role,
  TransformOutput,
} from '@ws/protocol'
import { acceptedBy, compressesAll, deflateOf, type PerMessageDeflateOptions } from './compression.ts'
import { failureOf } from './errors.ts'
import type { ExtensionParams } from './extension.ts'

/** Parameters of the extension: names, and their values or true. */
export type DeflateParams = Readonly<Record<string, string | number | true>>

type Callback = (error: Error | null, result?: Buffer) => void

const NAME = 'permessage-deflate'
const THRESHOLD = 1024

/** permessage-deflate on one connection. */
export class PerMessageDeflate {
  /** The agreed parameters; null before. */
  params: DeflateParams | null = null
  readonly #options: PerMessageDeflateOptions
  readonly #deflate: NegotiableExtension
  readonly #role: Role
  readonly #maxPayload: number
  #extension: Extension | undefined
  #deflating: MessageTransform | undefined
  #inflating: MessageTransform | undefined

  /** `maxPayload` is the largest message in bytes after decompression; 0 for no limit. */
  constructor(
    options: PerMessageDeflateOptions & { isServer?: boolean; maxPayload?: number } = {},
    isServer: boolean = options.isServer ?? false,
    maxPayload: number = options.maxPayload ?? 0,
  ) {
    this.#options = options
    this.#deflate = deflateOf(options)!
    this.#role = isServer ? 'server' : 'client'
    this.#maxPayload = maxPayload > 0 ? maxPayload : Number.POSITIVE_INFINITY
  }

  /** The registered name. */
  static get extensionName(): string {
    return NAME
  }

  /** The parameters of a client's offer. */
  offer(): DeflateParams {
    return toParams(this.#deflate.offers[0] ?? [])
  }

  /** Accepts one of a client's offers, or a server's answer. Throws an `Error` if that is impossible. */
  accept(configurations: readonly ExtensionParams[]): DeflateParams {
    const offers = configurations.map(toPairs)
    if (this.#role === 'server') {
      const accepted = this.#deflate.accept(offers)
      if (accepted === undefined) throw new Error('None of the extension offers can be accepted')
      this.#extension = acceptedBy('server', accepted).extension
      this.params = toParams(accepted.params)
    } else {
      const answer = offers[0] ?? []
      const confirmed = this.#deflate.confirm(answer)
      if (typeof confirmed === 'string') throw new Error(confirmed)
      this.#extension = confirmed
      this.params = toParams(answer)
    }
    return this.params
  }

  /** The extension for a connection. Throws an `Error` before `accept`. */
  get extension(): Extension {
    if (this.#extension === undefined) throw new Error(`${NAME} has not been negotiated`)
    return this.#extension
  }

  /** Whether a message of this size is compressed when a peer with this role sends it. */
  shouldCompress(size: number, role: Role): boolean {
    if (this.params === null) return false
    return compressesAll(role, toPairs(this.params)) || size >= (this.#options.threshold ?? THRESHOLD)
  }

  /** Frees all resources. */
  cleanup(): void {
    this.#extension?.close()
    this.#extension = undefined
  }

  /** Compresses a fragment of a message. */
  compress(data: Uint8Array | string, isLast: boolean, callback: Callback): void {
    const bytes = Buffer.from(data as Uint8Array)
    this.#deflating ??= this.extension.sending('binary', undefined, { compress: true }, false)!.transform
    const transform = this.#deflating
    if (isLast) this.#deflating = undefined
    run(transform, bytes, isLast, Number.POSITIVE_INFINITY, callback)
  }

  /** Decompresses a fragment of a message. */
  decompress(data: Uint8Array, isLast: boolean, callback: Callback): void {
    const type: MessageType = 'binary'
    this.#inflating ??= this.extension.receiving(0b100, type)
    const transform = this.#inflating
    if (isLast) this.#inflating = undefined
    run(transform, data, isLast, this.#maxPayload, callback)
  }
}

/** Collects the output for one fragment. */
class Collector implements TransformOutput {
  readonly #parts: Buffer[] = []
  #room: number

  constructor(room: number) {
    this.#room = room
  }

  get room(): number {
    return this.#room
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > this.#room) throw new RangeError('Max payload size exceeded')
    this.#room -= bytes.length
    this.#parts.push(Buffer.from(bytes))
  }

  get result(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

function run(
  transform: MessageTransform,
  bytes: Uint8Array,
  isLast: boolean,
  room: number,
  callback: Callback,
): void {
  const output = new Collector(room)
  Promise.resolve()
    .then(() => transform.write(bytes, isLast, output))
    .then(
      () => callback(null, output.result),
      (error: Error) => callback(failureOf(error) ?? error),
    )
}

function toParams(pairs: readonly ExtensionParam[]): DeflateParams {
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, /^\d+$/.test(String(value)) ? Number(value) : value]),
  )
}

function toPairs(params: ExtensionParams | DeflateParams): readonly ExtensionParam[] {
  return Object.entries(params).flatMap(([name, values]) =>
    [values].flat().map((value): ExtensionParam => [name, value === true ? true : String(value)]),
  )
}
