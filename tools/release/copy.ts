// A copy of the work tree, as it stands, to do things to that must not happen to the original.

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, run } from './commands.ts'

/** Copies what git tracks or would track into `folder`, and makes a repository of it with one commit. */
export async function copyTree(root: string, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const listed = await run(
    { cwd: root, env },
    'git',
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
  )
  const gone = new Set((await run({ cwd: root, env }, 'git', 'ls-files', '-z', '--deleted')).split('\0'))
  for (const file of listed.split('\0'))
    if (file !== '' && !gone.has(file)) cpSync(join(root, file), join(folder, file))
  await run({ cwd: folder, env }, 'git', 'init', '--quiet', '--initial-branch=main')
  await commit({ cwd: folder, env }, 'The work tree')
}

/** Commits everything. */
export async function commit(place: Place, message: string): Promise<void> {
  await run(place, 'git', 'add', '--all')
  const who = [
    '-c',
    'user.name=Rehearsal',
    '-c',
    'user.email=rehearsal@localhost',
    '-c',
    'commit.gpgsign=false',
  ]
  await run(place, 'git', ...who, 'commit', '--quiet', '--message', message)
}
