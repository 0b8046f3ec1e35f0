import type { Author } from '../log/entry.ts'
import { textOrder } from './text-order.ts'

/** What makes two nicks the same: compatibility forms and case are no difference. */
export function nickKey(nick: string): string {
  return nick.normalize('NFKC').toLowerCase()
}

/** Users by their nicks, and of one nick by their ids. */
export function sortByNick(users: readonly Author[]): readonly Author[] {
  return users.toSorted((a, b) => textOrder(nickKey(a.nick), nickKey(b.nick)) || textOrder(a.id, b.id))
}
