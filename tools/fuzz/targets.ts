// All fuzz targets.

import type { Target } from './target.ts'
import { clientHandshake } from './targets/client-handshake.ts'
import { closePayload } from './targets/close-payload.ts'
import { extensionHeader } from './targets/extension-header.ts'
import { forwardedFor } from './targets/forwarded-for.ts'
import { frames } from './targets/frames.ts'
import { jsonEnvelope } from './targets/json-envelope.ts'
import { messageStream } from './targets/message-stream.ts'
import { origin } from './targets/origin.ts'
import { requestHead } from './targets/request-head.ts'
import { responseHead } from './targets/response-head.ts'

/** In the order of the document. */
export const targets: readonly Target[] = [
  requestHead,
  responseHead,
  clientHandshake,
  extensionHeader,
  frames('server'),
  frames('client'),
  messageStream,
  closePayload,
  origin,
  forwardedFor,
  jsonEnvelope,
]
