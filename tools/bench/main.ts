// `pnpm bench NAME` runs one script of this folder; without a name all that measure, one after the other. `pnpm bench report` writes
// what they found into the document.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readArguments, USAGE } from './lib/arguments.ts'

const REPORT = 'report'
const scripts = readdirSync(import.meta.dirname)
  .filter(file => /^[a-z0-9-]+\.ts$/.test(file))
  .map(file => basename(file, '.ts'))
  .filter(name => name !== basename(import.meta.filename, '.ts'))

const args = process.argv.slice(2)
const name = args[0]?.startsWith('-') ? undefined : args.shift()
const help = `usage: pnpm bench [NAME] [OPTIONS]
  NAME         one of ${scripts.join(', ')};
               without it all are run, but for ${REPORT}
${USAGE}`

try {
  if (name !== undefined && !scripts.includes(name))
    throw new Error(`there is no ${name}; there are ${scripts.join(', ')}`)
  if (name !== undefined) run(name)
  else if (readArguments(args) === 'help') console.log(help)
  else for (const script of scripts) if (script !== REPORT) run(script)
} catch (error) {
  console.error(`bench: ${(error as Error).message}\n${USAGE}`)
  process.exitCode = 2
}

function run(script: string): void {
  console.log(`── ${script}`)
  const { status, signal } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, `${script}.ts`), ...args],
    {
      stdio: 'inherit',
    },
  )
  // Who stops one stops all.
  if (signal !== null || status === 130 || status === 143) process.exit(status ?? 1)
  if (status !== 0) process.exitCode = 1
}
