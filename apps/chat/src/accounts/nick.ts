// The names that users may have: readable ones, without hidden characters.

import { hasInvisible } from '../text/invisible.ts'
import { MAX_NICK } from '../wire/constants.ts'

/**
 * The nick as it is stored: in Unicode normal form C, without space around it, single spaces in it. Undefined if it cannot be a
 * nick: empty, too long, or with a character that draws nothing.
 */
export function readNick(text: string): string | undefined {
  const nick = text
    .normalize('NFC')
    .trim()
    .replace(/\p{Zs}+/gu, ' ')
  return nick === '' || nick.length > MAX_NICK || hasInvisible(nick) ? undefined : nick
}

/** What a nick must be, for the reply to one that is not. */
export const NICK_EXPECTED = `Use 1–${MAX_NICK} letters, digits or symbols. Hidden characters aren't allowed.`
