// Where a test has its journals.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder for the test that runs: gone with it, or kept and named where it fails. */
export function journalsOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'))
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail') console.log(`journals: ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  })
  return folder
}
