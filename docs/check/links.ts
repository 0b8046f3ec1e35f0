// Whether the links of a document lead somewhere in the repository. What is elsewhere on the web is not asked for.

import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Document, ROOT } from './documents.ts'

/** One line for each link of a document that leads nowhere; `documents` are all that there are. */
export function deadLinks(document: Document, documents: readonly Document[]): string[] {
  return document.links
    .filter(link => !/^[a-z][a-z\d+.-]*:/i.test(link))
    .flatMap(link => {
      const problem = problemOf(document, link, documents)
      return problem === undefined ? [] : [`${document.path}: ${link}: ${problem}`]
    })
}

/** The documents to which the links of a document lead. */
export function linkedFrom(document: Document): string[] {
  return document.links.map(link => pathOf(document, link.split('#', 1)[0]!))
}

function problemOf(document: Document, link: string, documents: readonly Document[]): string | undefined {
  const [file = '', anchor] = link.split('#')
  const isHere = file === ''
  const path = isHere ? document.path : pathOf(document, decodeURIComponent(file))
  if (path.startsWith('..')) return 'it leads out of the repository'
  if (!isHere && !existsSync(join(ROOT, path))) return 'there is no such file'
  if (anchor === undefined) return undefined
  const there = isHere ? document : documents.find(other => other.path === path)
  return there?.anchors.has(anchor) ? undefined : `there is no such heading in ${path}`
}

function pathOf(document: Document, file: string): string {
  return posix.join(posix.dirname(document.path), file)
}
