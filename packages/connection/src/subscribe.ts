// Subscribes to one of several channels of `node:diagnostics_channel`.

import type { Channel } from 'node:diagnostics_channel'
import { checkNames } from './options/check.ts'

/**
 * Calls a listener for each message of a channel that is wanted, and returns a function that ends this. Throws a
 * `TypeError` for a name without a channel, and for a listener that is not a function.
 */
export function subscribeTo<Name extends string, Message>(
  channels: Readonly<Record<Name, Channel>>,
  name: Name,
  listener: (message: Message) => unknown,
  isWanted: (message: Message) => boolean = () => true,
): () => void {
  if (typeof listener !== 'function') throw new TypeError('listener must be a function')
  checkNames({ [name]: true }, Object.keys(channels), 'event')
  // A function of its own, so that a listener can be subscribed twice.
  const subscriber = (message: unknown): void => {
    if (isWanted(message as Message)) listener(message as Message)
  }
  channels[name].subscribe(subscriber)
  return () => void channels[name].unsubscribe(subscriber)
}
