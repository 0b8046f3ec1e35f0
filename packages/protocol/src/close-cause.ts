// The errors of close reports, each with a stable code.

import { CloseCode, WebSocketError } from '@ws/frame'
import type { CloseCause } from './sink.ts'
import { typeName } from './type-name.ts'

/** The cause of a report with 1011: a thrown value, which may be anything. */
export function internalError(thrown: unknown): CloseCause {
  if (thrown instanceof WebSocketError) return thrown
  const message =
    thrown instanceof Error ? thrown.message : `a value that is not an Error was thrown: ${typeName(thrown)}`
  return new WebSocketError(message, {
    code: 'ERR_WS_INTERNAL_ERROR',
    closeCode: CloseCode.internalError,
    cause: thrown,
  })
}

/** The cause of a report with 1006: the error itself if it has a code, as those of Node have. */
export function abnormalEnd(error: Error, code: string): CloseCause {
  if ('code' in error && typeof error.code === 'string') return error as CloseCause
  return new WebSocketError(error.message, { code, closeCode: CloseCode.abnormal, cause: error })
}
