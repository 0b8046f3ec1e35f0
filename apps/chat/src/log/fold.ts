// What later entries make of a message: the one place that knows, for stores and for the page.

import type { Author, EntryContent, Fold } from './entry.ts'

/** Most different reactions on one message, and most users for one of them that are counted. */
export const MAX_EMOJI = 20
export const MAX_REACTORS = 1000

/** The seq of the message that an entry changes; undefined where it changes none. */
export function targetOf({ kind, data }: EntryContent): number | undefined {
  return kind === 'edit' || kind === 'del' || kind === 'react' ? data.seq : undefined
}

/** What there is to know of an entry to fold it: stored ones have it, and those that travel. */
export type Change = EntryContent & { readonly user: Author; readonly ts: number }

/** What a message has become by one change more. What comes after its deletion changes nothing. */
export function foldChange(fold: Fold | undefined, change: Change): Fold {
  const before = fold ?? {}
  if (before.deleted) return before
  switch (change.kind) {
    case 'edit':
      return { ...before, body: change.data.body, edited: change.ts }
    case 'del':
      return { deleted: true }
    case 'react':
      return foldReaction(before, change.data.emoji, change.user.id, change.data.on)
    default:
      return before
  }
}

function foldReaction(fold: Fold, emoji: string, user: string, on: boolean): Fold {
  const { reactions: before = {}, ...rest } = fold
  // A record without a prototype has no names of its own that an emoji could be.
  const reactions: Record<string, readonly string[]> = Object.assign(Object.create(null), before)
  const users = reactions[emoji] ?? []
  const others = users.filter(id => id !== user)
  if (on && others.length < MAX_REACTORS && (emoji in reactions || Object.keys(reactions).length < MAX_EMOJI))
    reactions[emoji] = users.includes(user) ? users : [...others, user]
  else if (others.length > 0) reactions[emoji] = others
  else delete reactions[emoji]
  return Object.keys(reactions).length === 0 ? rest : { ...rest, reactions }
}
