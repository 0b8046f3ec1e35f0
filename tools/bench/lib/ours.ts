// Our packages as somebody has them who installed them: compiled, and found under `node_modules`. What runs from its TypeScript brings
// Node's compiler for that into the memory that is measured.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../../..')
const FOLDER = join(import.meta.dirname, '../.peers/ours')
const PACKAGES = ['frame', 'handshake', 'protocol', 'deflate', 'connection', 'server', 'client', 'compat']

let built = false

/** The folder that they are installed in, compiled from what stands in the repository now. Throws an `Error` where that does not compile. */
export function buildOurs(): string {
  if (built) return FOLDER
  rmSync(FOLDER, { recursive: true, force: true })
  for (const name of PACKAGES) buildPackage(name)
  // As an override of `ws` does it.
  symlinkSync(join('@ws', 'compat'), join(FOLDER, 'node_modules', 'ws'), 'junction')
  writeFileSync(join(FOLDER, 'package.json'), '{}')
  built = true
  return FOLDER
}

function buildPackage(name: string): void {
  const source = join(ROOT, 'packages', name)
  const target = join(FOLDER, 'node_modules', '@ws', name)
  mkdirSync(target, { recursive: true })
  // As a publish does it: these fields replace those that are for work in the repository.
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  writeFileSync(join(target, 'package.json'), JSON.stringify({ ...manifest, ...publishConfig }))
  const { status, stdout } = spawnSync(
    join(ROOT, 'node_modules', '.bin', 'tsc'),
    ['-p', 'tsconfig.build.json', '--outDir', join(target, 'dist')],
    { cwd: source, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`@ws/${name} does not compile:\n${stdout}`)
}
