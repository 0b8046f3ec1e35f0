// The files that the architecture names exist.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../check/documents.ts'

const PACKAGES = join(ROOT, 'packages')
const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')

test('the architecture names no file that does not exist', () => {
  const named = [...text.matchAll(/\b\w+\/src\/[\w/-]+\.ts\b/g)].map(([path]) => path)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(path => !existsSync(join(PACKAGES, path)))).toEqual([])
})

test.each(['connection', 'server', 'protocol'])(
  'the architecture has every folder of packages/%s/src',
  name => {
    const [, chapter = ''] = text.split(`## Folders of \`packages/${name}/src\``)
    const folders = readdirSync(join(PACKAGES, name, 'src'), { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => `**\`${entry.name}/\`**`)
    expect(folders.filter(folder => !chapter.split('\n## ', 1)[0]!.includes(folder))).toEqual([])
  },
)
