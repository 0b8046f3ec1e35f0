// The option `perMessageDeflate`, as `@ws/deflate` takes it.

import { constants, type ZlibOptions } from 'node:zlib'
import { type DeflateOptions, permessageDeflate } from '@ws/deflate'
import type { AcceptedOffer, Extension, ExtensionParam, NegotiableExtension, Role } from '@ws/protocol'

/** Options of permessage-deflate (RFC 7692), for a client or a server. */
export interface PerMessageDeflateOptions {
  /** Whether the server's messages must not refer to earlier ones. Default: false. */
  serverNoContextTakeover?: boolean | undefined
  /** Whether the client's messages must not refer to earlier ones. Default: false. */
  clientNoContextTakeover?: boolean | undefined
  /** The base-2 logarithm of the server's window. Default: 15. */
  serverMaxWindowBits?: number | undefined
  /** The base-2 logarithm of the client's window. Default: 15. */
  clientMaxWindowBits?: number | undefined
  /** Options of zlib, of which `level` and `memLevel` are used. */
  zlibDeflateOptions?:
    | {
        flush?: number | undefined
        finishFlush?: number | undefined
        chunkSize?: number | undefined
        windowBits?: number | undefined
        level?: number | undefined
        memLevel?: number | undefined
        strategy?: number | undefined
        dictionary?: Buffer | Buffer[] | DataView | undefined
        info?: boolean | undefined
      }
    | undefined
  /** Accepted and ignored: the peer determines how its messages are decompressed. */
  zlibInflateOptions?: ZlibOptions | undefined
  /**
   * The smallest message in bytes that is compressed, where messages do not refer to earlier ones.
   * Default: 1,024.
   */
  threshold?: number | undefined
  /** The most messages that are compressed in the thread pool at the same time. Default: 4. */
  concurrencyLimit?: number | undefined
}

/** The extension that a connection has negotiated. */
export interface Negotiated {
  readonly extension: Extension
  /** Whether all messages are compressed, of whatever size, because they refer to earlier ones. */
  readonly compressesAll: boolean
}

/** The range of `concurrency` in `@ws/deflate`. */
const MIN_CONCURRENCY = 2
const MAX_CONCURRENCY = 10
/** zlib's default. */
const DEFAULT_LEVEL = 6

const known = new WeakMap<PerMessageDeflateOptions, NegotiableExtension>()
const DEFAULT_OPTIONS: PerMessageDeflateOptions = {}

/**
 * The extension for this value of the option; undefined for false. The same object stands for the
 * same extension, whose connections share their engines. Throws as `permessageDeflate` does.
 */
export function deflateOf(
  option: boolean | PerMessageDeflateOptions | undefined,
): NegotiableExtension | undefined {
  if (!option) return undefined
  const options = option === true ? DEFAULT_OPTIONS : option
  let extension = known.get(options)
  if (extension === undefined) {
    extension = permessageDeflate(settingsOf(options))
    known.set(options, extension)
  }
  return extension
}

/** The extension on a connection of a server. */
export function acceptedBy(role: Role, accepted: AcceptedOffer): Negotiated {
  return { extension: accepted.create(), compressesAll: compressesAll(role, accepted.params) }
}

/** Whether messages that this role sends refer to earlier ones. */
export function compressesAll(role: Role, params: readonly ExtensionParam[]): boolean {
  return !params.some(([name]) => name === `${role}_no_context_takeover`)
}

function settingsOf(options: PerMessageDeflateOptions): DeflateOptions {
  const { threshold, concurrencyLimit, zlibDeflateOptions = {} } = options
  const { level, memLevel } = zlibDeflateOptions
  return {
    serverNoContextTakeover: options.serverNoContextTakeover ?? false,
    clientNoContextTakeover: options.clientNoContextTakeover ?? false,
    serverMaxWindowBits: windowBits(options.serverMaxWindowBits),
    clientMaxWindowBits: windowBits(options.clientMaxWindowBits),
    ...(threshold !== undefined && { threshold }),
    ...(level !== undefined && { level: levelOf(level) }),
    ...(memLevel !== undefined && { memLevel }),
    ...(concurrencyLimit !== undefined && { concurrency: clamp(concurrencyLimit) }),
  }
}

/** `true` and `false` are accepted too: any window. */
function windowBits(bits: number | boolean | undefined): number {
  return typeof bits === 'number' ? bits : constants.Z_MAX_WINDOWBITS
}

/** −1 is the default of zlib, and 0 is no compression, of which the lowest level is the nearest. */
function levelOf(level: number): number {
  return level < 0 ? DEFAULT_LEVEL : Math.max(1, level)
}

function clamp(concurrency: number): number {
  return Math.min(MAX_CONCURRENCY, Math.max(MIN_CONCURRENCY, Math.floor(concurrency)))
}
