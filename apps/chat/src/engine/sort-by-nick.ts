import type { Author } from '../log/entry.ts'
import { nickKey } from '../text/name-key.ts'
import { textOrder } from '../text/text-order.ts'

/** Users by their nicks, and of one nick by their ids. */
export function sortByNick(users: readonly Author[]): readonly Author[] {
  return users.toSorted((a, b) => textOrder(nickKey(a.nick), nickKey(b.nick)) || textOrder(a.id, b.id))
}
