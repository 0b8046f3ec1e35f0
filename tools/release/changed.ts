// `pnpm changed`: fails when a package has changed since its last version and no changeset says what that is to its users.

import { join } from 'node:path'
import { judgeChanges } from './changes.ts'

const judgement = judgeChanges(join(import.meta.dirname, '../..'))
if (judgement === undefined) {
  console.log('This clone has no history to compare with (it is shallow): nothing was checked.')
} else {
  const { changed, unsaid } = judgement
  for (const { name, files } of unsaid)
    console.error(`${name} has changed, and no changeset says so:\n${list(files)}`)
  if (unsaid.length > 0) {
    console.error(
      'Say what it is to users with `pnpm changeset`. Is it nothing to them? `pnpm changeset --empty`, and write the name of\nthe package and the reason below its dashes.',
    )
    process.exitCode = 1
  } else
    console.log(`${changed.length} packages have changed since their last version; each has a changeset.`)
}

function list(files: readonly string[]): string {
  const most = 5
  const rest = files.length - most
  return [...files.slice(0, most), ...(rest > 0 ? [`… and ${rest} more`] : [])]
    .map(file => `  ${file}`)
    .join('\n')
}
