// docs/fuzzing.md says what the code says: the targets, and each known difference.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { targets } from '../../tools/fuzz/targets.ts'
import { disagreements } from './disagreements.ts'

const text = readFileSync(new URL('../../docs/fuzzing.md', import.meta.url), 'utf8')

describe('docs/fuzzing.md', () => {
  test.each(targets.map(({ name, about }) => [name, about] as const))('has the target %s', (name, about) => {
    expect(text).toContain(`- **${name}.** ${about}`)
  })

  test.each(disagreements)('has the difference $id', ({ id, what, ours, theirs, why, peers }) => {
    expect(text).toContain(
      `- **${id}** (${peers.join(', ')}). ${what}\n  Ours: ${ours}\n  Theirs: ${theirs}\n  Why: ${why}`,
    )
  })
})
