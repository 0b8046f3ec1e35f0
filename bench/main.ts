// `pnpm bench NAME` runs one script of this folder; without a name, all of them, one after the other.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

const OURS = new Set(['main.ts'])
const scripts = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.ts') && !file.startsWith('_') && !OURS.has(file))
  .map(file => basename(file, '.ts'))
const [name, ...args] = process.argv.slice(2)

if (name !== undefined && !scripts.includes(name)) {
  console.error(`bench: there is no ${name}; there are ${scripts.join(', ')}`)
  process.exitCode = 2
} else {
  for (const script of name === undefined ? scripts : [name]) {
    console.log(`── ${script}`)
    const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${script}.ts`), ...args], {
      stdio: 'inherit',
    })
    if (status !== 0) process.exitCode = 1
  }
}
