// Whether a message mentions a user.

import type { Mentionable } from '../../../src/text/mentionable.ts'
import { mentionsIn } from '../../../src/text/mentions.ts'
import { nameKey } from '../../../src/text/name-key.ts'

/**
 * Whether a text mentions a name. `names`: all names that it can mention, so that a longer name is
 * not taken for a shorter one.
 */
export function isMentioned(nick: string, text: string, names: Mentionable): boolean {
  return text.includes('@') && mentionsIn(text, names).some(each => nameKey(each) === nameKey(nick))
}
