// A small part of Markdown, read into a tree. Nothing is lost: every character of the text is in the tree, be it as a mark. Takes time
// in proportion to the text, whatever the text. Knows no document: rich-text.ts of the page makes nodes of it.

import { Mentionable } from './mentionable.ts'

export type Block =
  | { readonly kind: 'lines'; readonly content: readonly Inline[] }
  /** `marks`: what stood before each of its lines. */
  | { readonly kind: 'quote'; readonly marks: readonly string[]; readonly content: readonly Inline[] }
  /** `open` and `close` are its first and last line; `close` is undefined where the text ends before. */
  | { readonly kind: 'fence'; readonly open: string; readonly text: string; readonly close: string }

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bold' | 'italic'; readonly mark: string; readonly content: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  /** `source`: as it was written. */
  | {
      readonly kind: 'link'
      readonly address: string
      readonly label: string
      readonly source: string
    }
  /** `text`: as it was written, with the `@`. `nick`: whom it means, in that user's own spelling. */
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

/** What a text says, without the marks. */
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

/** A mark that is open, and what has come after it. The first one is no mark: the text itself. */
interface Open {
  readonly mark: string
  readonly content: Inline[]
}

/** Marks inside of marks, at most so deep; deeper ones are text. */
const DEEPEST = 6

const CODE = /`[^`\n]+`/y
const LINK = /\[([^[\]\n]{1,500})\]\(([^\s()]{1,2000})\)/y
const ADDRESS = /(?:https?:\/\/|mailto:)[^\s<>"`]{1,2000}/iy
const HOST = /^https?:[/\\]*([^/\\?#]*)/i
const MARK = /\*\*|\*|_/y
const PLAIN = /[^`[*_@hHmM]+|[\s\S]/uy

const WORD = /[\p{L}\p{N}_]/u
const SPACE = /\s/

function readInline(text: string, names: Mentionable): Inline[] {
  const stack: Open[] = [{ mark: '', content: [] }]
  for (let at = 0; at < text.length; ) {
    const leaf =
      readCode(text, at) ?? readLink(text, at) ?? readAddress(text, at) ?? readMention(text, at, names)
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
  const closes = opened > 0 && !SPACE.test(before) && !WORD.test(after)
  if (closes && (opened < stack.length - 1 || stack[opened]!.content.length > 0)) {
    while (stack.length - 1 > opened) giveUp(stack)
    const { content } = stack.pop()!
    stack.at(-1)!.content.push({ kind: mark === '**' ? 'bold' : 'italic', mark, content })
  } else if (opened < 0 && !SPACE.test(after) && !WORD.test(before) && stack.length <= DEEPEST) {
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

function readLink(text: string, at: number): Inline | undefined {
  const found = match(LINK, text, at)
  if (found === undefined) return undefined
  const [source, label, target] = found
  const address = addressOf(target!)
  // A label that looks like another address than the link's is a lie: it stays what was written.
  if (address === undefined || (/:\/\/|^www\./i.test(label!) && label !== target)) return undefined
  return { kind: 'link', address, label: label!, source }
}

function readAddress(text: string, at: number): Inline | undefined {
  if (WORD.test(text[at - 1] ?? ' ')) return undefined
  const found = match(ADDRESS, text, at)
  if (found === undefined) return undefined
  const label = withoutEnd(found[0])
  const address = addressOf(label)
  // An invalid address is text as a whole: searching it for others would take quadratic time.
  if (address === undefined) return { kind: 'text', text: found[0] }
  return { kind: 'link', address, label, source: label }
}

/** The dot at the end of a sentence is not the address's; nor is a bracket that was not opened in it. */
function withoutEnd(address: string): string {
  let closing = address.split(')').length - address.split('(').length
  let end = address.length
  for (; end > 0; end -= 1) {
    const last = address[end - 1]!
    if (last === ')' && closing > 0) closing -= 1
    else if (!".,;:!?'*_~]}".includes(last)) break
  }
  return address.slice(0, end)
}

/** Characters of the longest host that DNS knows (RFC 1035 §2.3.4); parsing a longer one takes quadratic time. */
const LONGEST_HOST = 253

/** Only addresses that lead to a page or a letter. */
function addressOf(text: string): string | undefined {
  const [, host = ''] = HOST.exec(text) ?? []
  if (host.length > LONGEST_HOST) return undefined
  const url = URL.parse(text)
  return url !== null && ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : undefined
}

function readMention(text: string, at: number, names: Mentionable): Inline | undefined {
  const found = names.at(text, at)
  return found && { kind: 'mention', text: text.slice(at, found.end), nick: found.nick }
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}
