// Links of a message: where an address ends, which addresses may be followed, and which labels are
// honest about them.

import { SPACED_WORD } from './spaced-word.ts'

/** `source`: as it was written. */
export interface Link {
  readonly kind: 'link'
  readonly address: string
  readonly label: string
  readonly source: string
}

const LABELLED = /\[([^[\]\n]{1,500})\]\(([^\s()]{1,2000})\)/y
/** Spaces, quotation marks and the punctuation of Chinese and Japanese end an address. */
const ADDRESS =
  /(?:https?:\/\/|mailto:)[^\s<>"`\u201c-\u201f\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]{1,2000}/iy
const HOST = /^https?:[/\\]*([^/\\?#]*)/i
/** Characters that are not drawn, and could hide a host from this file. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu
/** A host in a label, such as bank.example. */
const NAMED_HOST = /(?<![\p{L}\p{N}.-])(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,63}(?![\p{L}\p{N}-])/gu

/**
 * Characters of the longest host that DNS knows (RFC 1035 §2.3.4); parsing a longer one takes
 * quadratic time.
 */
const LONGEST_HOST = 253

/** `[label](address)`, unless the label seems to lead to another address. */
export function readLink(text: string, at: number): Link | undefined {
  LABELLED.lastIndex = at
  const found = LABELLED.exec(text)
  if (found === null) return undefined
  const [source = '', label = '', target = ''] = found
  const url = parseAddress(target)
  if (url === undefined || !isHonest(label, target, url)) return undefined
  return { kind: 'link', address: url.href, label, source }
}

/** An address in the text. `marks`: the open marks before it, which may close at its end. */
export function readAddress(
  text: string,
  at: number,
  marks: readonly { readonly mark: string }[],
): Link | { readonly kind: 'text'; readonly text: string } | undefined {
  ADDRESS.lastIndex = at
  const found = ADDRESS.exec(text)?.[0]
  if (found === undefined) return undefined
  const open = marks.map(({ mark }) => mark).filter(mark => mark !== '')
  const before = text[at - 1] ?? ' '
  if (SPACED_WORD.test(before) && !open.includes(before)) return undefined
  const label = withoutEnd(found, open)
  const url = parseAddress(label)
  // An invalid address is text as a whole: searching it for others would take quadratic time.
  if (url === undefined) return { kind: 'text', text: found }
  return { kind: 'link', address: url.href, label, source: label }
}

const BRACKETS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/**
 * Leaves out punctuation of the sentence around it, brackets that it does not open, and marks that
 * end with it.
 */
function withoutEnd(address: string, open: readonly string[]): string {
  const cut = open.find(mark => mark !== '_' && address.includes(mark))
  let end = cut === undefined ? address.length : address.indexOf(cut)
  const unopened = new Map(
    Object.entries(BRACKETS).map(([close, opener]) => [
      close,
      count(address, close, end) - count(address, opener, end),
    ]),
  )
  for (; end > 0; end -= 1) {
    const last = address[end - 1]!
    const surplus = unopened.get(last) ?? 0
    if (surplus > 0) unopened.set(last, surplus - 1)
    else if (!".,;:!?'\u2019\u2026".includes(last) && !(last === '_' && open.includes('_'))) break
  }
  return address.slice(0, end)
}

function count(text: string, character: string, end: number): number {
  return text.slice(0, end).split(character).length - 1
}

/** Only addresses of pages and of mail. */
function parseAddress(text: string): URL | undefined {
  const [, host = ''] = HOST.exec(text) ?? []
  if (host.length > LONGEST_HOST) return undefined
  try {
    const url = new URL(text)
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether a label that looks like an address is the link's own, or names its host or a domain above
 * it.
 */
function isHonest(label: string, target: string, url: URL): boolean {
  if (label === target) return true
  if (label.includes('://')) return false
  const host =
    url.protocol === 'mailto:' ? url.pathname.slice(url.pathname.lastIndexOf('@') + 1) : url.hostname
  const named = label.normalize('NFKC').replace(UNSEEN, '').match(NAMED_HOST) ?? []
  return named.every(each => {
    const other = parseAddress(`http://${each}`)?.hostname
    return other !== undefined && (host === other || `www.${host}` === other || host.endsWith(`.${other}`))
  })
}
