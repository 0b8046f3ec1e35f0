import type { Author } from '../log/entry.ts'
import { nameKey } from '../text/name-key.ts'
import { textOrder } from '../text/text-order.ts'

/** Sorts users by name, then by id. */
export function sortByName(users: readonly Author[]): readonly Author[] {
  return users.toSorted((a, b) => textOrder(nameKey(a.nick), nameKey(b.nick)) || textOrder(a.id, b.id))
}
