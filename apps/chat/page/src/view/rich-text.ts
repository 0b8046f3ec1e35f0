// Draws a message's text as nodes: only these elements, and links only to addresses that
// markdown.ts accepts.

import { type Block, type Inline, readMarkdown, withoutMarks } from '../../../src/text/markdown.ts'
import type { Mentionable } from '../../../src/text/mentionable.ts'
import { nameKey } from '../../../src/text/name-key.ts'
import { makeVisible } from '../text/visible.ts'
import { element, isolated } from './element.ts'

/** `names`: all names that the text can mention. `me`: mentions of this name are highlighted. */
export function richText(text: string, names: Mentionable, me: string): DocumentFragment {
  const fragment = document.createDocumentFragment()
  fragment.append(...readMarkdown(text, names).map(block => showBlock(block, me)))
  return fragment
}

/** The beginning of a text on one line, without its marks. */
export function beginningOf(text: string, characters: number): string {
  return makeVisible(withoutMarks(text).replaceAll('\n', ' ').slice(0, characters).toWellFormed())
}

function showBlock(block: Block, me: string): HTMLElement {
  if (block.kind === 'fence')
    return element('pre', { tabIndex: 0 }, element('code', {}, makeVisible(block.text)))
  const content = block.content.map(inline => showInline(inline, me))
  return element(block.kind === 'quote' ? 'blockquote' : 'p', { dir: 'auto' }, ...content)
}

function showInline(inline: Inline, me: string): Node {
  if (inline.kind === 'text') return document.createTextNode(makeVisible(inline.text))
  if (inline.kind === 'code') return element('code', { dir: 'auto' }, makeVisible(inline.text))
  if (inline.kind === 'link') return showLink(inline)
  if (inline.kind === 'mention') return showMention(inline, me)
  const content = inline.content.map(each => showInline(each, me))
  return element(inline.kind === 'bold' ? 'strong' : 'em', {}, ...content)
}

function showLink({ address, label }: Inline & { kind: 'link' }): HTMLElement {
  const properties = { href: address, title: address, target: '_blank', rel: 'noopener noreferrer nofollow' }
  return element('a', properties, isolated(label))
}

function showMention({ text, nick }: Inline & { kind: 'mention' }, me: string): HTMLElement {
  const isMe = me !== '' && nameKey(nick) === nameKey(me)
  return element('bdi', { className: isMe ? 'mention mine' : 'mention' }, makeVisible(text))
}
