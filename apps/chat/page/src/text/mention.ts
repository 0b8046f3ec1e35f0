// Whether a text speaks to somebody.

import { Mentionable } from '../../../src/text/mentionable.ts'
import { mentionsIn } from '../../../src/text/mentions.ts'

/** Whether a text mentions this nick. */
export function isMentioned(nick: string, text: string): boolean {
  return mentionsIn(text, new Mentionable([nick])).length > 0
}
