// No link in any document leads nowhere, and each document can be found from the front page.

import { describe, expect, test } from 'vitest'
import { readDocument, readDocuments } from '../check/documents.ts'
import { deadLinks, linkedFrom } from '../check/links.ts'

const documents = readDocuments()

test.each(documents.map(document => [document.path, document] as const))('%s: its links', (_, document) => {
  expect(deadLinks(document, documents)).toEqual([])
})

test('from the README every document is found', () => {
  const found = new Set(['README.md'])
  for (const path of found) {
    const document = documents.find(other => other.path === path)
    if (document !== undefined) for (const link of linkedFrom(document)) found.add(link)
  }
  // A changeset is there to become an entry of a changelog.
  const lost = documents.filter(({ path }) => !found.has(path) && !/^\.changeset\/|CHANGELOG\.md$/.test(path))
  expect(lost.map(({ path }) => path)).toEqual([])
})

test('the index has every page of this folder', () => {
  const index = documents.find(({ path }) => path === 'docs/README.md')!
  const linked = new Set(linkedFrom(index))
  const pages = documents.filter(
    ({ path }) => path.startsWith('docs/') && !path.startsWith('docs/decisions/'),
  )
  expect(pages.map(({ path }) => path).filter(path => path !== index.path && !linked.has(path))).toEqual([])
})

describe('a link that leads nowhere is seen', () => {
  test.each([
    ['[a](no-such-file.md)', 'no-such-file.md: there is no such file'],
    ['![a](no-such-picture.svg)', 'no-such-picture.svg: there is no such file'],
    ['[a](#nowhere)', '#nowhere: there is no such heading in docs/x.md'],
    ['[a](README.md#nowhere)', 'README.md#nowhere: there is no such heading in docs/README.md'],
    ['[a](../../outside)', '../../outside: it leads out of the repository'],
    ['[a][b]\n\n[b]: gone.md', 'gone.md: there is no such file'],
  ])('%s', (markdown, problem) => {
    expect(deadLinks(readDocument('docs/x.md', `# X\n\n${markdown}\n`), documents)).toEqual([
      `docs/x.md: ${problem}`,
    ])
  })

  test('but not one that is right, or elsewhere', () => {
    const text =
      '# The `first` part, done\n\n[a](#the-first-part-done) [b](https://example.com/x) [c](../README.md) `[d](e)`\n'
    const document = readDocument('docs/README.md', text)
    expect(deadLinks(document, [document])).toEqual([])
  })
})
