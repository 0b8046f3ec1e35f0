// What a request is answered with when it is not done. Thrown by those who handle requests, written out in one place.

import { Busy } from '../accounts/password-queue.ts'
import { NoSuchRoom, Unavailable } from '../engine/engine.ts'
import type { ErrorCode, ErrorReply } from '../wire/messages.ts'

/** A request that is refused: why, for programs and for people. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: ErrorCode
  /** Milliseconds after which the same may succeed; undefined where it will not. */
  readonly retry: number | undefined
  /** What the connection is closed with after the reply; undefined where it stays. */
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

/** The client has gone: the request need not be carried out, and cannot be replied to. */
export class Departed extends Error {
  override readonly name = 'Departed'
}

/** The refusal of what was done too often: `what`, in the plural, and the milliseconds after which it may be done again. */
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

/** Milliseconds after which to ask again for what could not be done now. */
const RETRY = 2000

/** The reply to a request that failed with `error`; undefined for an error that is a mistake of ours. */
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
