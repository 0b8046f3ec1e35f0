// Publishes the third-party dependencies of programs, as installed here, to the rehearsal's registry.

import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Place, run } from './commands.ts'
import { readManifest } from './workspace.ts'

/** Publishes the dependencies of the packages in these folders, and theirs. Returns name and version of each. */
export async function publishOthers(
  env: Place['env'],
  folders: readonly string[],
): Promise<ReadonlySet<string>> {
  const published = new Set<string>()
  const publish = async (from: string): Promise<void> => {
    for (const name of Object.keys(readManifest(from).dependencies ?? {})) {
      if (name.startsWith('@ws/')) continue
      // A dependency is in the package's own node_modules, or beside it where pnpm keeps it.
      const link = [join(from, 'node_modules', name), join(dirname(from), name)].find(existsSync)
      if (link === undefined) throw new Error(`${name}, on which ${from} depends, is not installed`)
      const at = realpathSync(link)
      const { version } = readManifest(at)
      if (published.has(`${name}@${version}`)) continue
      published.add(`${name}@${version}`)
      // npm cannot publish every package from inside of node_modules.
      const copy = mkdtempSync(join(tmpdir(), 'published-'))
      cpSync(at, copy, { recursive: true })
      await run({ cwd: copy, env }, 'npm', 'publish', '--ignore-scripts')
      rmSync(copy, { recursive: true })
      await publish(at)
    }
  }
  for (const folder of folders) await publish(folder)
  return published
}
