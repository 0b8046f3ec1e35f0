// The folder for the journals of a test.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder for the current test: removed with it, or kept and named if it fails. */
export function journalsOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'))
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail') console.log(`journals: ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  })
  return folder
}
