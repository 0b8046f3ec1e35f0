/**
 * Conformance cases for WebSocket implementations, as data (RFC 6455, RFC 7692).
 * @module @ws/conformance-cases
 */

export type {
  Case,
  Check,
  Closing,
  DataSource,
  DeflateAnswer,
  DeflateOffer,
  DeflateTerms,
  Event,
  ExchangeCase,
  FragmentsStep,
  FrameStep,
  HandshakeCase,
  Payload,
  RoundsStep,
  Step,
  Verdicts,
} from './case.ts'
export { isHandshake } from './case.ts'
export { cases } from './cases.ts'
export { compareIds } from './compare-ids.ts'
export { createData } from './data.ts'
