// The files that the architecture names exist, and it names all of them.

import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../check/documents.ts'

const PACKAGES = join(ROOT, 'packages')
const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')

test('the architecture names no file that does not exist', () => {
  const named = [...text.matchAll(/\b\w+\/src\/[\w/-]+\.ts\b/g)].map(([path]) => path)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(path => !existsSync(join(PACKAGES, path)))).toEqual([])
})

describe.each(['connection', 'server', 'client', 'protocol', 'frame', 'handshake', 'deflate'])(
  'the chapter about packages/%s/src',
  name => {
    const source = join(PACKAGES, name, 'src')
    const chapter = text.split(`## Folders of \`packages/${name}/src\``)[1]!.split('\n## ')[0]!
    const paragraphs = chapter.split('\n').filter(line => line.startsWith('- '))
    const files = globSync('**/*.ts', { cwd: source, exclude: ['**/*.test.ts'] })

    test('has a paragraph for each folder, which names its files', () => {
      const folders = readdirSync(source, { withFileTypes: true }).filter(entry => entry.isDirectory())
      for (const folder of folders) {
        const paragraph = paragraphs.find(line => line.startsWith(`- **\`${folder.name}/\`**`)) ?? ''
        const missing = files.filter(
          file => file.startsWith(`${folder.name}/`) && !paragraph.includes(`\`${basename(file)}\``),
        )
        expect(missing).toEqual([])
      }
    })

    test('names every file outside of the folders', () => {
      const outside = files.filter(file => !file.includes('/'))
      expect(outside.filter(file => !chapter.includes(`\`${file}\``))).toEqual([])
    })

    test('names no file that does not exist', () => {
      const existing = new Set(files.map(file => basename(file)))
      const named = [...chapter.matchAll(/`([\w-]+\.ts)`/g)].map(([, file]) => file!)
      expect(named.filter(file => !existing.has(file))).toEqual([])
    })
  },
)
