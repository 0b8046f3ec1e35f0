// permessage-deflate itself (RFC 7692 §7): what a server or a client is given to agree on it, and what a connection then has.

import type {
  AcceptedOffer,
  Extension,
  ExtensionParam,
  MessageTransform,
  MessageType,
  NegotiableExtension,
  SendOptions,
  Transformation,
} from '@ws/protocol'
import { Deflating } from './deflating.ts'
import { Inflating } from './inflating.ts'
import { Jobs } from './jobs.ts'
import { type Agreement, acceptOffer, confirmResponse, type Direction, makeOffers } from './negotiate.ts'
import { checkOptions, type DeflateOptions, type DeflateSettings } from './options.ts'
import { Pool, Use } from './pool.ts'

const NAME = 'permessage-deflate'
/** "This document allocates the RSV1 bit of the WebSocket header for PMCEs" (RFC 7692 §6). */
const RSV1 = 0b100
/** What a stream of Node's puts out at a time, where the engine is that of many connections, and where it is that of one. */
const SHARED_CHUNK = 64 * 1024
const OWN_CHUNK = 16 * 1024

/**
 * Compression of messages, to be agreed on with whoever offers it or accepts the offer; one for all connections. Throws a `TypeError`
 * or a `RangeError` for wrong options.
 */
export function permessageDeflate(options: DeflateOptions = {}): NegotiableExtension {
  return new PermessageDeflate(checkOptions(options))
}

/** The same, with everything filled in; `direct` false does without what Node does not document. */
export class PermessageDeflate implements NegotiableExtension {
  readonly name: string = NAME
  readonly settings: DeflateSettings
  readonly offers: readonly (readonly ExtensionParam[])[]
  readonly jobs: Jobs
  readonly #direct: boolean | undefined
  readonly #pools = new Map<string, Pool>()
  readonly #agreements = new Map<string, Agreement>()
  /** By window. */
  readonly #shared: Transformation[] = []

  constructor(settings: DeflateSettings, direct?: boolean) {
    this.settings = settings
    this.offers = makeOffers(settings)
    this.jobs = new Jobs(settings.concurrency)
    this.#direct = direct
  }

  accept(offers: readonly (readonly ExtensionParam[])[]): AcceptedOffer | undefined {
    const answer = acceptOffer(offers, this.settings)
    return answer && { params: answer.params, create: () => this.#connect(answer) }
  }

  confirm(params: readonly ExtensionParam[]): Extension | string {
    const agreement = confirmResponse(params, this.settings)
    return typeof agreement === 'string' ? agreement : this.#connect(agreement)
  }

  /** Of all that can be agreed on there are a few hundred: connections share them, for each of their own would be 1 KiB. */
  #connect({ sending, receiving }: Agreement): Connection {
    const key = [sending, receiving].map(
      ({ windowBits, contextTakeover }) => `${windowBits} ${contextTakeover}`,
    )
    const name = key.join(' ')
    const agreement = this.#agreements.get(name) ?? { sending, receiving }
    this.#agreements.set(name, agreement)
    return new Connection(this, agreement)
  }

  /** What one direction of a connection works with. */
  createUse(does: 'deflate' | 'inflate', { windowBits, contextTakeover }: Direction): Use {
    return new Use(this.#findPool(does, windowBits, contextTakeover), contextTakeover)
  }

  /** How a message is deflated for all who agreed on this window, with nothing before it that it could refer to. */
  share(windowBits: number): Transformation {
    const { level, memLevel } = this.settings
    const direction = { windowBits, contextTakeover: false }
    this.#shared[windowBits] ??= {
      bits: RSV1,
      key: `${NAME} ${windowBits} ${level} ${memLevel}`,
      transform: {
        write: (piece, last, output) =>
          new Deflating(this.createUse('deflate', direction), this.jobs).write(piece, last, output),
      },
    }
    return this.#shared[windowBits]
  }

  #findPool(does: 'deflate' | 'inflate', windowBits: number, own: boolean): Pool {
    const name = `${does} ${windowBits} ${own}`
    const found = this.#pools.get(name)
    if (found !== undefined) return found
    const { level, memLevel } = this.settings
    const chunkSize = own ? OWN_CHUNK : SHARED_CHUNK
    const options = { does, windowBits, level, memLevel, chunkSize, direct: this.#direct }
    const pool = own ? new Pool(options, 0) : new Pool(options)
    this.#pools.set(name, pool)
    return pool
  }
}

/** It on one connection. */
class Connection implements Extension {
  readonly name = NAME
  readonly reservedBits = RSV1
  readonly #deflate: PermessageDeflate
  readonly #agreement: Agreement
  #sending: Use | undefined
  #receiving: Use | undefined

  constructor(deflate: PermessageDeflate, agreement: Agreement) {
    this.#deflate = deflate
    this.#agreement = agreement
  }

  receiving(): MessageTransform {
    this.#receiving ??= this.#deflate.createUse('inflate', this.#agreement.receiving)
    return new Inflating(this.#receiving, this.#deflate.jobs)
  }

  sending(
    _type: MessageType,
    size: number | undefined,
    { compress }: SendOptions,
    shared: boolean,
  ): Transformation | undefined {
    const { threshold } = this.#deflate.settings
    if (!(compress ?? (size === undefined || size >= threshold))) return undefined
    if (shared) {
      // The peer will have seen it, and the engine of this connection will not.
      this.#sending?.forget()
      return this.#deflate.share(this.#agreement.sending.windowBits)
    }
    this.#sending ??= this.#deflate.createUse('deflate', this.#agreement.sending)
    return { bits: RSV1, transform: new Deflating(this.#sending, this.#deflate.jobs) }
  }

  close(): void {
    this.#sending?.close()
    this.#receiving?.close()
  }
}
