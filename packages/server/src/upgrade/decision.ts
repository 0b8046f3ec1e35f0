// What the application decides about an upgrade request.

import type { Rejection } from '@ws/handshake'
import type { Handlers, Upgraded } from '../handlers.ts'
import type { UpgradeRequest } from '../upgrade-request.ts'
import { rejectionFrom } from './response.ts'

/** The decision, or the error that `upgrade` threw instead. */
export type Decision =
  | { readonly kind: 'accept'; readonly upgraded: Upgraded<unknown> }
  | { readonly kind: 'reject'; readonly rejection: Rejection }
  | { readonly kind: 'error'; readonly error: unknown }

const ACCEPTED: Decision = { kind: 'accept', upgraded: { data: undefined } }

/** Calls the `upgrade` handler. A promise is returned only if it returned one, or a `Response`. */
export function decide(
  handlers: Handlers,
  createRequest: () => UpgradeRequest,
): Decision | Promise<Decision> {
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
    if (result instanceof Response) return { kind: 'reject', rejection: await rejectionFrom(result) }
    throw new TypeError(
      'upgrade must return { data } (data: undefined will do) or a Response, or a promise of one',
    )
  } catch (error) {
    return { kind: 'error', error }
  }
}

function isUpgraded(answer: unknown): answer is Upgraded<unknown> {
  return typeof answer === 'object' && answer !== null && 'data' in answer
}
