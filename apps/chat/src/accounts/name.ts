// The names that new users may have: readable, and not confusable with another name (UAX #31, UTS
// #39). Independent of accounts.

import { hasInvisible } from '../text/invisible.ts'
import { withoutNeededJoiners } from '../text/joiners.ts'
import { lookOf } from '../text/look.ts'
import { mixesScripts } from '../text/scripts.ts'
import { hasStackedMarks } from '../text/stacked-marks.ts'
import { MAX_NICK } from '../wire/constants.ts'

/** The name in Unicode normal form C, without space around it, with single spaces in it. */
export function normalizeName(text: string): string {
  return text
    .normalize('NFC')
    .trim()
    .replace(/\p{Zs}+/gu, ' ')
}

const EXPECTED = `Use 1–${MAX_NICK} letters, digits or symbols. Hidden characters aren't allowed.`

/** Whole emoji, whose joiners, variation selectors and tags are not hidden. */
const EMOJI = /\p{RGI_Emoji}/gv

/** Characters with a visible form: letters, digits, pictures. */
const VISIBLE = /[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u

/** Begins a mention, the name of a room, or a command. */
const SIGIL = /^[@#/]/

/** Names that the page uses for itself, for all users or for none. */
const RESERVED: ReadonlySet<string> = new Set(
  ['you', 'me', 'guest', 'everyone', 'everybody', 'all', 'here', 'channel', 'room', 'system'].map(lookOf),
)

/**
 * The normalized name as it is stored, or a sentence that says why new users cannot have it.
 * Accounts of earlier versions may have such names.
 */
export function readName(text: string): { readonly nick: string } | { readonly problem: string } {
  const nick = normalizeName(text)
  const plain = nick.replace(EMOJI, '☺')
  const compatible = nick.normalize('NFKC')
  if (nick === '' || nick.length > MAX_NICK || hasInvisible(withoutNeededJoiners(plain)))
    return { problem: EXPECTED }
  if (!VISIBLE.test(nick)) return { problem: 'A name needs at least one letter, digit or emoji.' }
  if (SIGIL.test(compatible)) return { problem: `A name can't begin with ${compatible[0]}.` }
  if (hasStackedMarks(nick)) return { problem: 'This name has too many marks on one letter.' }
  if (mixesScripts(plain))
    return { problem: 'This name mixes letters of scripts that look alike. Use one script.' }
  if (RESERVED.has(lookOf(nick))) return { problem: `"${nick}" can't be used as a name. Pick another one.` }
  return { nick }
}
