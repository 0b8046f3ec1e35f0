// The options of a message that is sent, whole or in pieces.

import { checkNames, type SendOptions as ProtocolSendOptions } from '@ws/protocol'

/** Called without an error once the kernel has taken a message. */
export type Written = (error?: Error) => unknown

/** Options of `send` and `sendStream`. */
export interface SendOptions extends ProtocolSendOptions {
  /**
   * Called once for each message, and never inside of `send`: without an error when the kernel has
   * taken all of it, with an error when the connection has ended or refused it. The peer need not
   * have received a message that the kernel has taken.
   */
  readonly written?: Written | undefined
}

const NAMES = ['compress', 'type', 'written']

/** Throws a `TypeError` for unknown names and wrong types; `type` is checked with the message. */
export function checkSendOptions(options: SendOptions): void {
  // `checkNames` costs as much as sending a short message.
  if (typeof options !== 'object' || options === null) checkNames(options, NAMES)
  for (const name in options) if (!NAMES.includes(name)) checkNames(options, NAMES)
  const { compress, written } = options
  if (compress !== undefined && typeof compress !== 'boolean')
    throw new TypeError(`compress must be true or false, not ${typeof compress}`)
  if (written !== undefined && typeof written !== 'function')
    throw new TypeError(`written must be a function, not ${typeof written}`)
}
