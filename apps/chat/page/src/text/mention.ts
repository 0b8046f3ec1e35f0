// Whether a text speaks to somebody.

import { nickKey } from '../../../src/engine/nick-key.ts'

/** Whether `@nick` stands in a text, in any case, and not as part of a longer name. */
export function isMentioned(nick: string, text: string): boolean {
  const [place, name] = [nickKey(text), `@${nickKey(nick)}`]
  for (let at = place.indexOf(name); at >= 0; at = place.indexOf(name, at + 1)) {
    const around = (place[at - 1] ?? ' ') + (place[at + name.length] ?? ' ')
    if (!/[\p{L}\p{N}_]/u.test(around)) return true
  }
  return false
}
