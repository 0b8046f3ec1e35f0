// Close codes (RFC 6455 §7.4).

/** The close codes of RFC 6455 §7.4.1 and those added to its registry since. */
export const CloseCode = {
  /** The purpose of the connection has been fulfilled. */
  normal: 1000,
  /** A server is going down, or a browser has left the page. */
  goingAway: 1001,
  protocolError: 1002,
  /** A type of data that this endpoint does not accept. */
  unsupportedData: 1003,
  /** Never sent: the Close frame had no code. */
  noStatus: 1005,
  /** Never sent: the connection ended without a Close frame. */
  abnormal: 1006,
  /** Data not consistent with its type: text that is not UTF-8. */
  invalidData: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  /** Sent by a client that requires an extension which the server declined. */
  mandatoryExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badGateway: 1014,
} as const

/** Whether a Close frame may contain this code: 1000–1003, 1007–1014 and 3000–4999. */
export function isSendableCloseCode(code: number): boolean {
  // "1004 Reserved." — "1005, 1006 and 1015 … MUST NOT be set as a status code in a Close control
  // frame by an endpoint."
  if (code < 3000) return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
  // "3000-3999 … reserved for use by libraries, frameworks, and applications", "4000-4999 … for
  // private use"
  return code <= 4999
}
