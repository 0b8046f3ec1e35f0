// Paths that end the connection: with a Close, without one, or with a reset.

import { writeClosePayload } from '@ws/frame'
import type { Message } from '@ws/server'
import { type BenchPath, definePath, echo } from '../path.ts'
import { type Parameter, parameter } from '../query.ts'
import { type Moment, readCount, readMoment, ValueError } from '../values.ts'
import type { Visit } from '../visit.ts'

const AFTER: Parameter<Moment> = parameter<Moment>(
  '3',
  'echoes this many messages before, or for a time such as 2s; at once by default',
  { messages: 0 },
  readMoment,
)

type Ending = Visit<{ readonly after: Moment }>

export const CLOSE: BenchPath = definePath({
  route: '/close',
  usage: '/close',
  about: 'Closes with a code and a reason; without a code, the Close frame is empty.',
  parameters: {
    code: parameter<number | undefined>('4001', 'the close code', undefined, text =>
      readCount(text, 0, 65_535),
    ),
    reason: parameter('bye', 'the reason, up to 123 bytes', '', text => text),
    after: AFTER,
  },
  upgrade({ query: { code, reason } }) {
    try {
      writeClosePayload(code, reason)
    } catch (error) {
      throw new ValueError((error as Error).message)
    }
    return undefined
  },
  open: visit => endLater(visit, () => close(visit)),
  message: (visit, message) => echoUntil(visit, message, () => close(visit)),
})

export const DROP: BenchPath = definePath({
  route: '/drop',
  usage: '/drop',
  about: 'Ends TCP (FIN) without a Close frame.',
  parameters: { after: AFTER },
  open: visit => endLater(visit, () => visit.transport.end()),
  message: (visit, message) => echoUntil(visit, message, () => visit.transport.end()),
})

export const RESET: BenchPath = definePath({
  route: '/reset',
  usage: '/reset',
  about: 'Resets TCP (RST).',
  parameters: { after: AFTER },
  open: visit => endLater(visit, () => visit.transport.resetAndDestroy()),
  message: (visit, message) => echoUntil(visit, message, () => visit.transport.resetAndDestroy()),
})

function close({
  socket,
  query,
}: Visit<{ readonly code: number | undefined; readonly reason: string }>): void {
  if (query.code === undefined) socket.close()
  else socket.close(query.code, query.reason)
}

/** Ends the connection at its time. */
async function endLater(visit: Ending, end: () => unknown): Promise<void> {
  const { after } = visit.query
  if ('time' in after) await visit.wait(after.time)
  else if (after.messages > 0) return
  end()
}

/** Echoes, and ends the connection after the last of its messages. */
async function echoUntil(visit: Ending, message: Message, end: () => unknown): Promise<void> {
  const { after } = visit.query
  const left = 'time' in after ? Number.POSITIVE_INFINITY : after.messages - visit.received
  if (left > 0) await echo(visit, message)
  if (left !== 0) return
  await visit.sender.write(message)
  end()
}
