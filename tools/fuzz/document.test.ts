import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { targets } from './targets.ts'

const text = readFileSync(new URL('../../docs/fuzzing.md', import.meta.url), 'utf8')

test.each(targets.map(({ name, about }) => [name, about] as const))(
  'docs/fuzzing.md has the target %s',
  (name, about) => {
    expect(text).toContain(`- **${name}.** ${about}`)
  },
)
