// Installs npm packages on demand that only some commands need, such as other implementations.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Dependencies = Readonly<Record<string, string>>

/**
 * Installs the packages into `folder` unless they are installed there already. Their peer
 * dependencies are not installed. Throws an `Error` if npm fails.
 */
export function installInto(folder: string, dependencies: Dependencies): void {
  const manifest = JSON.stringify({ private: true, dependencies }, null, 2)
  const file = join(folder, 'package.json')
  const stamp = join(folder, 'installed')
  if (existsSync(stamp) && readFileSync(file, 'utf8') === manifest) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, manifest)
  process.stderr.write(`installing ${describeDependencies(dependencies)} …\n`)
  const { status, stderr, error } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps'],
    { cwd: folder, encoding: 'utf8' },
  )
  if (status !== 0) {
    const why = error?.message ?? stderr.trim()
    throw new Error(`npm could not install ${describeDependencies(dependencies)}: ${why}`)
  }
  writeFileSync(stamp, '')
}

/** `name version + name version`. */
export function describeDependencies(dependencies: Dependencies): string {
  return Object.entries(dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(' + ')
}
