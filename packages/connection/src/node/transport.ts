// The Node stream under a connection: who owns it, how its events reach the connection, and how
// much of what was written to it is still unsent.

import type { Duplex } from 'node:stream'
import { createReader } from './shared-read-buffer.ts'

/** Receives the events of a transport. */
export interface TransportListener {
  /** Bytes were read. They are valid during the call only. */
  receive(bytes: Uint8Array): void
  /** The peer ended its side. */
  transportEnded(): void
  /** The transport accepts writes again. */
  transportDrained(): void
  /** The transport is closed. No further event follows. */
  transportClosed(): void
}

/**
 * A property of the transport costs less than a `WeakMap` of transports (`pnpm bench handshakes`).
 */
const LISTENER: unique symbol = Symbol('listener')

/** A transport with an owner has the property, with a value once a connection listens to it. */
type Transport = Duplex & { [LISTENER]?: TransportListener | undefined; _handle?: Handle | null }

/** The documented API lacks these fields. */
interface Handle {
  readonly writeQueueSize?: unknown
  readonly _parent?: Handle | null
}

/** Whether a server or a client has taken this transport. */
export function isOwned(transport: Duplex): boolean {
  return LISTENER in transport
}

/**
 * Takes a transport. None of its errors reaches the process from then on: they are looked at when
 * it closes. Throws an `Error` if the transport is owned already.
 */
export function takeOwnership(transport: Transport): void {
  if (isOwned(transport)) throw new Error('the transport is already in use by a WebSocket')
  transport[LISTENER] = undefined
  transport.on('error', ignore)
  if ('setNoDelay' in transport && typeof transport.setNoDelay === 'function') transport.setNoDelay(true)
  if ('setTimeout' in transport && typeof transport.setTimeout === 'function') transport.setTimeout(0)
}

/** Whether either side of the transport has ended, so that an answer could not be read. */
export function isClosed(transport: Duplex): boolean {
  return transport.destroyed || transport.readableEnded || !transport.readable || !transport.writable
}

/**
 * Gives the events of an owned transport to `listener`, and starts reading. Other `data` listeners
 * get nothing, unless it is shared with them.
 */
export function listen(transport: Transport, listener: TransportListener, isShared: boolean): void {
  transport[LISTENER] = listener
  startReading(transport, isShared)
  transport.on('end', onEnd)
  transport.on('drain', onDrain)
  transport.on('close', onClose)
  // Its previous owner may have paused it.
  transport.resume()
}

/** Whether the transport still has events to give: false once it has closed. */
export function isListening(transport: Transport): boolean {
  return transport[LISTENER] !== undefined
}

/**
 * Bytes that were written to the transport and that the kernel has not taken. Node counts a write
 * as a whole until it is done; the undocumented handle, where there is one, knows how much is left
 * of it.
 */
export function unsentBytes(transport: Transport): number {
  const handle = transport._handle
  // A TLS handle accepts everything at once and passes it to that of TCP.
  const queued = (handle?._parent ?? handle)?.writeQueueSize
  return transport.writableLength + (typeof queued === 'number' ? queued : 0)
}

const startReading = createReader(function (this: Transport, bytes) {
  this[LISTENER]?.receive(bytes)
})

function onEnd(this: Transport): void {
  this[LISTENER]?.transportEnded()
}

function onDrain(this: Transport): void {
  this[LISTENER]?.transportDrained()
}

function onClose(this: Transport): void {
  const listener = this[LISTENER]
  // V8 keeps Node's sockets through many garbage collections, and would keep the connection with
  // them (`pnpm bench handshakes`).
  this[LISTENER] = undefined
  listener?.transportClosed()
}

function ignore(): void {}
