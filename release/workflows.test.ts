// What the workflows may do, which no linter knows: nothing by default, and one job alone may publish.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '../.github/workflows')
const workflows = readdirSync(FOLDER).map(name => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }))

describe.each(workflows)('$name', ({ text }) => {
  test('grants nothing to all jobs', () => {
    expect(text).toMatch(/^permissions: \{\}$/m)
  })

  test('pins each action to a commit, and says which version that is', () => {
    const lines = text.split('\n').filter(line => /^\s*(- )?uses:/.test(line))
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test('leaves no credentials in a checkout', () => {
    const checkouts = text.match(/actions\/checkout@/g)!.length
    expect(text.match(/persist-credentials: false/g)).toHaveLength(checkouts)
  })

  test('has a limit of time for each job, and no secret', () => {
    expect(text.match(/timeout-minutes: \d+$/gm)).toHaveLength(text.match(/runs-on: /g)!.length)
    expect(text).not.toContain('secrets.')
  })
})

test('one job may ask for a token to publish with: the one that somebody must allow', () => {
  const all = workflows.map(({ text }) => text).join('\n')
  expect(all.match(/id-token: write/g)).toHaveLength(1)
  const [, job] = /\n {2}publish:\n([\s\S]*?)\n {2}\w+:\n/.exec(all)!
  expect(job).toContain('id-token: write')
  expect(job).toContain('environment: npm')
  // What is built was built elsewhere.
  expect(job).not.toMatch(/run build|\.ci\/run/)
})
