// The application's decision about an upgrade request.

import { checkNames, isPromiseLike } from '@ws/connection/internal'
import type { Rejection } from '@ws/handshake'
import type { Handlers, Upgraded } from '../handlers.ts'
import { checkExtensions } from '../options/route-options.ts'
import type { UpgradeRequest } from '../upgrade-request.ts'
import { isResponse, rejectionFrom } from './response.ts'

/** The decision, or the error that `upgrade` threw instead. */
export type Decision =
  | { readonly kind: 'accept'; readonly upgraded: Upgraded<unknown> }
  | { readonly kind: 'reject'; readonly rejection: Rejection }
  | { readonly kind: 'error'; readonly error: unknown }

const ACCEPTED: Decision = { kind: 'accept', upgraded: {} }

/**
 * Calls the `upgrade` handler, unless the request has been accepted for it. A promise is returned
 * only if the handler returned one, or a `Response`.
 */
export function decide(
  accepted: Upgraded<unknown> | undefined,
  handlers: Handlers,
  createRequest: () => UpgradeRequest,
): Decision | Promise<Decision> {
  if (accepted !== undefined) return { kind: 'accept', upgraded: accepted }
  if (handlers.upgrade === undefined) return ACCEPTED
  try {
    const answer = handlers.upgrade(createRequest())
    return isUpgraded(answer) ? { kind: 'accept', upgraded: answer } : settle(answer)
  } catch (error) {
    return { kind: 'error', error }
  }
}

async function settle(answer: unknown): Promise<Decision> {
  try {
    const result = await answer
    if (isUpgraded(result)) return { kind: 'accept', upgraded: result }
    if (isResponse(result)) return { kind: 'reject', rejection: await rejectionFrom(result) }
    throw new TypeError(
      `upgrade must return an object such as { data } to accept, or a Response, not ${nameOf(result)}`,
    )
  } catch (error) {
    return { kind: 'error', error }
  }
}

const RESULT_KEYS: readonly string[] = ['data', 'protocol', 'headers', 'extensions']

/** Throws a `TypeError` for unknown keys. Only plain objects accept: `[]` and a `Map` do not. */
export function isUpgraded(answer: unknown): answer is Upgraded<unknown> {
  if (typeof answer !== 'object' || answer === null || isPromiseLike(answer) || isResponse(answer))
    return false
  const prototype = Object.getPrototypeOf(answer) as object | null
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false
  checkNames(answer, RESULT_KEYS, 'key')
  const { extensions } = answer as Upgraded<unknown>
  if (extensions !== undefined) checkExtensions('extensions', extensions)
  return true
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'an array' : 'an object of a class'
}
