// The errors that requests are answered with. Thrown by request handlers, converted to replies in
// one place.

import { Busy } from '../accounts/password-queue.ts'
import { NoSuchRoom, Unavailable } from '../engine/engine.ts'
import type { ErrorCode, ErrorReply } from '../wire/messages.ts'

/** A refused request, with a code for programs and a reason for people. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: ErrorCode
  /** Milliseconds after which the same may succeed; undefined where it will not. */
  readonly retry: number | undefined
  /** The code to close the connection with after the reply; undefined to leave it open. */
  readonly close: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    { retry, close }: { readonly retry?: number; readonly close?: number } = {},
  ) {
    super(message)
    this.code = code
    this.retry = retry
    this.close = close
  }
}

/** The client has disconnected: the request is abandoned without a reply. */
export class Departed extends Error {
  override readonly name = 'Departed'
}

/**
 * The error for something done too often: `what`, in the plural, may be done again after `retry`
 * milliseconds.
 */
export function tooMany(what: string, retry: number): RequestError {
  const message = `Too many ${what}. Try again in ${inWords(retry)}.`
  return new RequestError('rate_limited', message, { retry })
}

/** A time in milliseconds, rounded up. */
export function inWords(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  if (seconds < 120) return seconds === 1 ? '1 second' : `${seconds} seconds`
  if (seconds < 2 * 3600) return `${Math.ceil(seconds / 60)} minutes`
  return seconds < 48 * 3600 ? `${Math.ceil(seconds / 3600)} hours` : `${Math.ceil(seconds / 86_400)} days`
}

/** Milliseconds after which a client may retry when the store or the server is busy. */
const RETRY = 2000

/** The reply to a request that failed with `error`; undefined for a fault of the server. */
export function replyTo(id: number, error: unknown): ErrorReply | undefined {
  if (error instanceof RequestError) {
    const { code, message: msg, retry } = error
    return { t: 'err', id, code, msg, ...(retry !== undefined && { temporary: true, retry }) }
  }
  if (error instanceof Unavailable) {
    const msg = 'the store is not available; try again with the same cid'
    return { t: 'err', id, code: 'unavailable', msg, temporary: true, retry: RETRY }
  }
  if (error instanceof Busy)
    return { t: 'err', id, code: 'busy', msg: error.message, temporary: true, retry: RETRY }
  if (error instanceof NoSuchRoom) return { t: 'err', id, code: 'not_found', msg: error.message }
  return undefined
}
