// Parses a small part of Markdown into a tree. Lossless: every character of the text is in the
// tree, at least as a mark. Linear time for all texts. Independent of the document: rich-text.ts of
// the page draws it.

import { type Link, readAddress, readLink } from './link.ts'
import { Mentionable } from './mentionable.ts'
import { SPACED_WORD } from './spaced-word.ts'

export type Block =
  | { readonly kind: 'lines'; readonly content: readonly Inline[] }
  /** `marks`: the text before each of its lines. */
  | { readonly kind: 'quote'; readonly marks: readonly string[]; readonly content: readonly Inline[] }
  /**
   * `open` and `close` are its first and last line; `close` is undefined where the text ends
   * before.
   */
  | { readonly kind: 'fence'; readonly open: string; readonly text: string; readonly close: string }

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bold' | 'italic'; readonly mark: string; readonly content: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | Link
  /** `text`: as written, with the `@`. `nick`: the mentioned name, in that user's spelling. */
  | { readonly kind: 'mention'; readonly text: string; readonly nick: string }

const FENCE = /^```[^\s`]*$/
const QUOTE = /^ ?> ?/

const NOBODY = new Mentionable()

/** Blocks follow each other with a line break between them. Only `names` can be mentioned. */
export function readMarkdown(text: string, names: Mentionable = NOBODY): Block[] {
  const lines = text.split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; ) {
    const end = endOfBlock(lines, at)
    blocks.push(readBlock(lines.slice(at, end), names))
    at = end
  }
  return blocks
}

/** The text without its marks. */
export function withoutMarks(text: string): string {
  return readMarkdown(text)
    .map(block => (block.kind === 'fence' ? block.text : block.content.map(shownOf).join('')))
    .join('\n')
}

function shownOf(inline: Inline): string {
  if (inline.kind === 'link') return inline.label
  return 'text' in inline ? inline.text : inline.content.map(shownOf).join('')
}

function endOfBlock(lines: readonly string[], start: number): number {
  const kind = kindOf(lines[start]!)
  let end = start + 1
  if (kind === 'fence') {
    while (end < lines.length && lines[end] !== '```') end += 1
    return Math.min(end + 1, lines.length)
  }
  while (end < lines.length && kindOf(lines[end]!) === kind) end += 1
  return end
}

function kindOf(line: string): Block['kind'] {
  if (FENCE.test(line)) return 'fence'
  return QUOTE.test(line) ? 'quote' : 'lines'
}

function readBlock(lines: readonly string[], names: Mentionable): Block {
  const kind = kindOf(lines[0]!)
  if (kind === 'lines') return { kind, content: readInline(lines.join('\n'), names) }
  if (kind === 'quote') {
    const marks = lines.map(line => QUOTE.exec(line)![0])
    const text = lines.map(line => line.replace(QUOTE, '')).join('\n')
    return { kind, marks, content: readInline(text, names) }
  }
  const closed = lines.length > 1 && lines.at(-1) === '```'
  const inside = lines.slice(1, closed ? -1 : undefined)
  const close = closed ? `${inside.length > 0 ? '\n' : ''}\`\`\`` : ''
  return { kind, open: lines.length > 1 ? `${lines[0]}\n` : lines[0]!, text: inside.join('\n'), close }
}

/** An open mark and the content after it. The first one is the text itself. */
interface Open {
  readonly mark: string
  readonly content: Inline[]
}

/** Marks inside of marks, at most so deep; deeper ones are text. */
const DEEPEST = 6

const CODE = /`[^`\n]+`/y
const MARK = /\*\*|\*|_/y
const PLAIN = /[^`[*_@hHmM]+|[\s\S]/uy

const SPACE = /\s/

function readInline(text: string, names: Mentionable): Inline[] {
  const stack: Open[] = [{ mark: '', content: [] }]
  for (let at = 0; at < text.length; ) {
    const leaf =
      readCode(text, at) ?? readLink(text, at) ?? readAddress(text, at, stack) ?? readMention(text, at, names)
    if (leaf !== undefined) {
      const { content } = stack.at(-1)!
      if (leaf.kind === 'text') addText(content, leaf.text)
      else content.push(leaf)
      at += lengthOf(leaf)
      continue
    }
    const mark = match(MARK, text, at)?.[0]
    if (mark !== undefined) {
      readMark(stack, mark, text, at)
      at += mark.length
      continue
    }
    const plain = match(PLAIN, text, at)![0]
    addText(stack.at(-1)!.content, plain)
    at += plain.length
  }
  while (stack.length > 1) giveUp(stack)
  return stack[0]!.content
}

function lengthOf(leaf: Inline): number {
  if (leaf.kind === 'link') return leaf.source.length
  if (leaf.kind === 'code') return leaf.text.length + 2
  return leaf.kind === 'text' || leaf.kind === 'mention' ? leaf.text.length : 0
}

function readMark(stack: Open[], mark: string, text: string, at: number): void {
  const before = text[at - 1] ?? ' '
  const after = text[at + mark.length] ?? ' '
  const opened = stack.findLastIndex(open => open.mark === mark)
  const closes = opened > 0 && !SPACE.test(before) && !SPACED_WORD.test(after)
  if (closes && (opened < stack.length - 1 || stack[opened]!.content.length > 0)) {
    while (stack.length - 1 > opened) giveUp(stack)
    const { content } = stack.pop()!
    stack.at(-1)!.content.push({ kind: mark === '**' ? 'bold' : 'italic', mark, content })
  } else if (opened < 0 && !SPACE.test(after) && !SPACED_WORD.test(before) && stack.length <= DEEPEST) {
    stack.push({ mark, content: [] })
  } else addText(stack.at(-1)!.content, mark)
}

/** A mark that was never closed is text. */
function giveUp(stack: Open[]): void {
  const { mark, content } = stack.pop()!
  const into = stack.at(-1)!.content
  addText(into, mark)
  for (const each of content) {
    if (each.kind === 'text') addText(into, each.text)
    else into.push(each)
  }
}

function addText(content: Inline[], text: string): void {
  const last = content.at(-1)
  if (last?.kind === 'text') content[content.length - 1] = { kind: 'text', text: last.text + text }
  else content.push({ kind: 'text', text })
}

function readCode(text: string, at: number): Inline | undefined {
  const found = match(CODE, text, at)
  return found && { kind: 'code', text: found[0].slice(1, -1) }
}

function readMention(text: string, at: number, names: Mentionable): Inline | undefined {
  const found = names.at(text, at)
  return found && { kind: 'mention', text: text.slice(at, found.end), nick: found.nick }
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}
