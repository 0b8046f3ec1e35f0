// All Markdown files of the repository: their code blocks, their links, and the places in them that a link can lead to. Judges nothing.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Slugger from 'github-slugger'
import { marked, type Token } from 'marked'

/** The root of the repository. */
export const ROOT: string = join(import.meta.dirname, '../..')

/** Folders whose documents are not ours, or are made of ours. */
const NOT_OURS: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'coverage',
  'results',
  'site',
  '.git',
  '.turbo',
  '.peers',
])

/** A fenced block of code. */
export interface Block {
  /** The path of its document from the root, and the line of the document on which it begins. */
  readonly document: string
  readonly line: number
  /** What stands behind the fence; empty where nothing does. */
  readonly language: string
  readonly text: string
  /** The block before it in the same document. */
  readonly before: Block | undefined
}

/** One Markdown file. */
export interface Document {
  /** From the root, with slashes. */
  readonly path: string
  readonly blocks: readonly Block[]
  /** Where its links and pictures lead, as written. */
  readonly links: readonly string[]
  /** What stands between backquotes in its prose. */
  readonly codes: readonly string[]
  /** What may stand behind `#` in a link to it, as repositories' sites make it of its headings. */
  readonly anchors: ReadonlySet<string>
}

/** Reads all of them. */
export function readDocuments(): Document[] {
  const exclude = (path: string) => NOT_OURS.has(path.split('/').at(-1)!)
  const paths = globSync('**/*.md', { cwd: ROOT, exclude }).map(path => path.replaceAll('\\', '/'))
  return paths.toSorted().map(path => readDocument(path, readFileSync(join(ROOT, path), 'utf8')))
}

/** Reads one of this text. */
export function readDocument(path: string, markdown: string): Document {
  const text = markdown.replaceAll('\r\n', '\n')
  const blocks: Block[] = []
  const links: string[] = []
  const codes: string[] = []
  const anchors = new Set<string>()
  const slugger = new Slugger()
  let read = 0
  void marked.walkTokens(marked.lexer(text), (token: Token) => {
    if (token.type === 'link' || token.type === 'image') links.push(token.href)
    else if (token.type === 'codespan') codes.push(token.text)
    else if (token.type === 'heading') anchors.add(slugger.slug(token.text))
    else if (token.type === 'code' && token.codeBlockStyle !== 'indented') {
      const [opening] = token.raw.split('\n', 1)
      read = text.indexOf(opening!, read)
      const line = text.slice(0, read).split('\n').length
      read += opening!.length + token.text.length
      blocks.push({
        document: path,
        line,
        language: token.lang ?? '',
        text: token.text,
        before: blocks.at(-1),
      })
    }
  })
  return { path, blocks, links, codes, anchors }
}
