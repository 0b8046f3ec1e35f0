// The names that users may have: readable ones, without hidden characters.

import { hasInvisible } from '../text/invisible.ts'
import { MAX_NICK } from '../wire/constants.ts'

/** The name in Unicode normal form C, without space around it, with single spaces in it. */
export function normalizeNick(text: string): string {
  return text
    .normalize('NFC')
    .trim()
    .replace(/\p{Zs}+/gu, ' ')
}

/**
 * The name, normalized as it is stored. Undefined for a name that new users cannot have: empty, too
 * long, or with a character that draws nothing. Older accounts may have such names.
 */
export function readNick(text: string): string | undefined {
  const nick = normalizeNick(text)
  return nick === '' || nick.length > MAX_NICK || hasInvisible(nick) ? undefined : nick
}

/** What a nick must be, for the reply to one that is not. */
export const NICK_EXPECTED = `Use 1–${MAX_NICK} letters, digits or symbols. Hidden characters aren't allowed.`
