// Whom a message mentions: the names that are mentions when it is shown, and no others.

import { type Inline, readMarkdown } from './markdown.ts'
import type { Mentionable } from './mentionable.ts'

/** The nicks that a text mentions, as often as it does, in their order. */
export function mentionsIn(text: string, names: Mentionable): readonly string[] {
  return readMarkdown(text, names).flatMap(block =>
    block.kind === 'fence' ? [] : block.content.flatMap(nicksOf),
  )
}

function nicksOf(inline: Inline): readonly string[] {
  if (inline.kind === 'mention') return [inline.nick]
  return 'content' in inline ? inline.content.flatMap(nicksOf) : []
}
