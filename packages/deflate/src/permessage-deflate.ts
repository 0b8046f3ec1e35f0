// The extension (RFC 7692 §7): its negotiation for a server or a client, and its state on each
// connection.

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
import { DeflateTransform } from './deflate-transform.ts'
import type { EngineOptions } from './engine.ts'
import { EngineLease } from './engine-lease.ts'
import { EnginePool } from './engine-pool.ts'
import { InflateTransform } from './inflate-transform.ts'
import { type Agreement, acceptOffer, confirmResponse, createOffers, type Direction } from './negotiate.ts'
import { checkOptions, type DeflateOptions, type DeflateSettings } from './options.ts'
import { Semaphore } from './semaphore.ts'

const NAME = 'permessage-deflate'
/** "This document allocates the RSV1 bit of the WebSocket header for PMCEs" (RFC 7692 §6). */
const RSV1 = 0b100
/**
 * Output chunks in the thread pool, of an engine that connections share, and of a connection's own.
 */
const SHARED_CHUNK = 64 * 1024
const OWN_CHUNK = 16 * 1024

/**
 * Compression of messages with permessage-deflate (RFC 7692). One value serves all connections of a
 * server or client. Throws a `TypeError` or a `RangeError` for wrong options.
 */
export function permessageDeflate(options: DeflateOptions = {}): NegotiableExtension {
  return new PermessageDeflate(checkOptions(options))
}

/** permessage-deflate with all settings. `sync` is passed to the engines. */
export class PermessageDeflate implements NegotiableExtension {
  readonly name: string = NAME
  readonly settings: DeflateSettings
  readonly offers: readonly (readonly ExtensionParam[])[]
  readonly semaphore: Semaphore
  readonly #sync: boolean | undefined
  readonly #pools = new Map<string, EnginePool>()
  readonly #agreements = new Map<string, Agreement>()
  /** By window bits. */
  readonly #shared: Transformation[] = []

  constructor(settings: DeflateSettings, sync?: boolean) {
    this.settings = settings
    this.offers = createOffers(settings)
    this.semaphore = new Semaphore(settings.concurrency)
    this.#sync = sync
  }

  accept(offers: readonly (readonly ExtensionParam[])[]): AcceptedOffer | undefined {
    const answer = acceptOffer(offers, this.settings)
    return answer && { params: answer.params, create: () => this.#connect(answer) }
  }

  confirm(params: readonly ExtensionParam[]): Extension | string {
    const agreement = confirmResponse(params, this.settings)
    return typeof agreement === 'string' ? agreement : this.#connect(agreement)
  }

  /** Connections share equal agreements: there are a few hundred, and each takes 1 KiB. */
  #connect({ sending, receiving }: Agreement): Connection {
    const key = [sending, receiving].map(
      ({ windowBits, contextTakeover }) => `${windowBits} ${contextTakeover}`,
    )
    const name = key.join(' ')
    const agreement = this.#agreements.get(name) ?? { sending, receiving }
    this.#agreements.set(name, agreement)
    return new Connection(this, agreement)
  }

  /** The engine of one direction of a connection. */
  createLease(
    direction: EngineOptions['direction'],
    { windowBits, contextTakeover }: Direction,
  ): EngineLease {
    return new EngineLease(this.#findPool(direction, windowBits, contextTakeover), contextTakeover)
  }

  /** Compresses messages without a history, for all connections that agreed on this window. */
  share(windowBits: number): Transformation {
    const { level, memLevel } = this.settings
    const direction = { windowBits, contextTakeover: false }
    this.#shared[windowBits] ??= {
      bits: RSV1,
      key: `${NAME} ${windowBits} ${level} ${memLevel}`,
      transform: {
        write: (piece, last, output) => {
          const lease = this.createLease('deflate', direction)
          return new DeflateTransform(lease, this.semaphore).write(piece, last, output)
        },
      },
    }
    return this.#shared[windowBits]
  }

  #findPool(direction: EngineOptions['direction'], windowBits: number, own: boolean): EnginePool {
    const name = `${direction} ${windowBits} ${own}`
    const found = this.#pools.get(name)
    if (found !== undefined) return found
    const { level, memLevel } = this.settings
    const chunkSize = own ? OWN_CHUNK : SHARED_CHUNK
    const options = { direction, windowBits, level, memLevel, chunkSize, sync: this.#sync }
    const pool = own ? new EnginePool(options, 0) : new EnginePool(options)
    this.#pools.set(name, pool)
    return pool
  }
}

/** The extension on one connection. */
class Connection implements Extension {
  readonly name = NAME
  readonly reservedBits = RSV1
  readonly #deflate: PermessageDeflate
  readonly #agreement: Agreement
  #sending: EngineLease | undefined
  #receiving: EngineLease | undefined

  constructor(deflate: PermessageDeflate, agreement: Agreement) {
    this.#deflate = deflate
    this.#agreement = agreement
  }

  receiving(): MessageTransform {
    this.#receiving ??= this.#deflate.createLease('inflate', this.#agreement.receiving)
    return new InflateTransform(this.#receiving, this.#deflate.semaphore)
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
      // The message will be in the peer's history, but not in that of this connection's engine.
      this.#sending?.invalidate()
      return this.#deflate.share(this.#agreement.sending.windowBits)
    }
    this.#sending ??= this.#deflate.createLease('deflate', this.#agreement.sending)
    return { bits: RSV1, transform: new DeflateTransform(this.#sending, this.#deflate.semaphore) }
  }

  close(): void {
    this.#sending?.close()
    this.#receiving?.close()
  }
}
