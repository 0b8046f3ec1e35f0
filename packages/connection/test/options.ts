// `pnpm -r options`: writes the README's table of options.

import { type OptionTables, writeOptions } from '@ws/testing'
import { CONNECTION_OPTIONS } from '../src/options/connection-options.ts'

export const README_OPTIONS: OptionTables = {
  tables: [CONNECTION_OPTIONS],
  sources: [new URL('../src/options/connection-options.ts', import.meta.url)],
  readme: new URL('../README.md', import.meta.url),
}

if (import.meta.main) writeOptions(README_OPTIONS)
