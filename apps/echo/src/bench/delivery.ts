// The parameters that all paths share: how messages are sent.

import { type Parameter, parameter, type ValuesOf } from './query.ts'
import { readChoice, readSize, readTime } from './values.ts'

/** Milliseconds between two pings, at least. */
const SHORTEST_PING_INTERVAL = 10

/** The parameters of delivery. */
export const DELIVERY: {
  readonly delay: Parameter<number>
  readonly jitter: Parameter<number>
  readonly fragment: Parameter<number | undefined>
  readonly ping: Parameter<number | undefined>
  readonly rate: Parameter<number | undefined>
  readonly compress: Parameter<boolean | undefined>
  readonly inspect: Parameter<string | undefined>
} = {
  delay: parameter('500ms', 'each message is sent this much later', 0, text => readTime(text)),
  jitter: parameter('100ms', 'up to this much is added to each delay; the order stays', 0, text =>
    readTime(text),
  ),
  fragment: parameter<number | undefined>(
    '16',
    'messages are sent in frames of at most this many bytes (a character is not split)',
    undefined,
    text => readSize(text, 1),
  ),
  ping: parameter<number | undefined>('5s', 'a ping is sent this often', undefined, text =>
    readTime(text, SHORTEST_PING_INTERVAL),
  ),
  rate: parameter<number | undefined>(
    '10kB',
    'bytes per second on the wire; they trickle within a frame too',
    undefined,
    text => readSize(text, 1),
  ),
  compress: parameter<boolean | undefined>(
    'on',
    'on: compress all messages if permessage-deflate was negotiated; off: decline it',
    undefined,
    text => readChoice(text, ['on', 'off']) === 'on',
  ),
  inspect: parameter<string | undefined>(
    'ID',
    'the id of an open page of this server, which shows the frames of this connection',
    undefined,
    text => text,
  ),
}

/** How the messages of one connection are sent. */
export type Delivery = ValuesOf<typeof DELIVERY>

/** Whether a query changes nothing about messages: it has at most `inspect` and `compress=off`. */
export function isPlain(search: string): boolean {
  const given = [...new URLSearchParams(search)]
  return given.every(([name, value]) => name === 'inspect' || (name === 'compress' && value === 'off'))
}
