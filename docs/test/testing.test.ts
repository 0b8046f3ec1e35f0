// The program of the guide about testing: all its tests pass.

import { runReadme } from '@ws/testing'
import { expect, test } from 'vitest'
import { FOLDER } from './programs.ts'

test('the tests of the guide pass', async () => {
  const { stdout, stderr, exitCode } = await runReadme(FOLDER, 0, { document: 'guides/testing.md' })
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  expect(stdout).toMatch(/^ℹ tests 5$/m)
  expect(stdout).toMatch(/^ℹ pass 5$/m)
})
