// The users that a message mentions: exactly the names that the page marks.

import { type Inline, readMarkdown } from './markdown.ts'
import type { Mentionable } from './mentionable.ts'

/** The names that a text mentions, in order and with repetitions. */
export function mentionsIn(text: string, names: Mentionable): readonly string[] {
  return readMarkdown(text, names).flatMap(block =>
    block.kind === 'fence' ? [] : block.content.flatMap(nicksOf),
  )
}

function nicksOf(inline: Inline): readonly string[] {
  if (inline.kind === 'mention') return [inline.nick]
  return 'content' in inline ? inline.content.flatMap(nicksOf) : []
}
