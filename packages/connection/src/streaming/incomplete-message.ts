// The error of a message in pieces that the end of the connection cuts off.

import { CloseCode, type CloseInfo, WebSocketError } from '@ws/protocol'

/** Its `cause` is the report, which is undefined while it waits for a handler. */
export function incompleteMessageError(report: CloseInfo | undefined): WebSocketError {
  return new WebSocketError('the connection ended before the message was complete', {
    closeCode: report?.code ?? CloseCode.abnormal,
    reason: report?.reason ?? '',
    cause: report,
    code: 'ERR_WS_INCOMPLETE_MESSAGE',
  })
}
