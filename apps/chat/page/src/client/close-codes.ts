// The meaning of close codes, in sentences for people.

import { CloseCode } from '../../../src/wire/constants.ts'

const MEANINGS = new Map<number, string>([
  [1001, 'The chat is shutting down.'],
  [1006, 'Connection lost.'],
  [1008, 'The chat closed the connection.'],
  [1011, 'Something went wrong in the chat.'],
  [1012, 'The server is restarting.'],
  [1013, 'The chat is busy.'],
  [CloseCode.tooSlow, 'This connection was too slow.'],
  [CloseCode.noHeartbeat, 'Connection lost.'],
  [CloseCode.badFrame, "The chat couldn't read a message from this page."],
  [CloseCode.badToken, 'You are no longer signed in.'],
  [CloseCode.kicked, 'You were removed from the chat.'],
  [CloseCode.banned, 'You are banned.'],
  [CloseCode.version, 'This page is out of date. Reload it.'],
  [CloseCode.flooding, 'You are sending messages too quickly.'],
])

/** One sentence. */
export function meaningOf(code: number): string {
  return MEANINGS.get(code) ?? `The connection was closed (${code}).`
}

/** Whether a page must not connect again by itself after it. */
export function isStopped(code: number): boolean {
  return code >= 4500 && code <= 4999
}
