import type { Author } from '../log/entry.ts'
import { nickKey } from '../text/name-key.ts'
import { textOrder } from '../text/text-order.ts'

/** Sorts users by name, then by id. */
export function sortByNick(users: readonly Author[]): readonly Author[] {
  return users.toSorted((a, b) => textOrder(nickKey(a.nick), nickKey(b.nick)) || textOrder(a.id, b.id))
}
