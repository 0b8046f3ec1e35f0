// Folds later entries into a message, for stores and for the page.

import type { Author, EntryContent, Fold } from './entry.ts'

/** Most different reactions on one message, and most users for one of them that are counted. */
export const MAX_EMOJI = 20
export const MAX_REACTORS = 1000

/** The seq of the message that an entry changes; undefined where it changes none. */
export function targetOf({ kind, data }: EntryContent): number | undefined {
  return kind === 'edit' || kind === 'del' || kind === 'react' ? data.seq : undefined
}

/** An entry that can be folded: a stored one, or one that was received. */
export type Change = EntryContent & { readonly user: Author; readonly ts: number }

/** The fold after one more change. Changes after the deletion have no effect. */
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
  const { reactions: before = {}, ...rest } = uniteReactions(fold)
  // A record without a prototype has no inherited names that an emoji could match.
  const reactions: Record<string, readonly string[]> = Object.assign(Object.create(null), before)
  const known = Object.keys(reactions)
  const name = known.find(other => isSameEmoji(other, emoji)) ?? emoji
  const users = reactions[name] ?? []
  const others = users.filter(id => id !== user)
  if (on && others.length < MAX_REACTORS && (name in reactions || known.length < MAX_EMOJI))
    reactions[name] = users.includes(user) ? users : [...others, user]
  else if (others.length > 0) reactions[name] = others
  else delete reactions[name]
  return Object.keys(reactions).length === 0 ? rest : { ...rest, reactions }
}

/**
 * Whether two texts differ only in variation selectors (U+FE0F), which emoji have or lack by
 * spelling.
 */
export function isSameEmoji(one: string, other: string): boolean {
  return one === other || withoutSelectors(one) === withoutSelectors(other)
}

function withoutSelectors(text: string): string {
  return text.replaceAll('\uFE0F', '')
}

/**
 * A stored fold with one reaction for all spellings of an emoji. Version 0.1 stored each spelling
 * as a reaction of its own; the first spelling stays.
 */
export function uniteReactions(fold: Fold): Fold {
  const stored = Object.entries(fold.reactions ?? {})
  const united = new Map<string, readonly [emoji: string, users: readonly string[]]>()
  for (const [emoji, users] of stored) {
    const key = withoutSelectors(emoji)
    const [first, before] = united.get(key) ?? [emoji, []]
    united.set(key, [first, [...new Set([...before, ...users])]])
  }
  if (united.size === stored.length) return fold
  return { ...fold, reactions: Object.fromEntries(united.values()) }
}
