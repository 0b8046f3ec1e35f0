// What somebody may be called: a name that people can read, and that cannot be drawn over another.

import { MAX_NICK } from '../wire/constants.ts'

/** Control characters, surrogates, what is not assigned, direction marks, and everything else that is not seen. */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u

/** The nick as it is stored: in Unicode normal form C, without space around it, single spaces in it. Undefined where that is no nick. */
export function readNick(text: string): string | undefined {
  const nick = text
    .normalize('NFC')
    .trim()
    .replace(/\p{Zs}+/gu, ' ')
  return nick === '' || nick.length > MAX_NICK || UNSEEN.test(nick) ? undefined : nick
}

/** What a nick must be, for the reply to one that is not. */
export const NICK_EXPECTED = `nick must be 1 to ${MAX_NICK} visible characters, without control, direction or invisible ones`
