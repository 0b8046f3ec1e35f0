// `pnpm -r options`: writes the README's table of options.

import { type OptionTables, writeOptions } from '@ws/testing'
import { CLIENT_OPTIONS } from '../src/options/client-options.ts'

const CONNECTION_OPTIONS = new URL(
  'src/options/connection-options.ts',
  import.meta.resolve('@ws/connection/package.json'),
)

export const README_OPTIONS: OptionTables = {
  tables: [CLIENT_OPTIONS],
  sources: [CONNECTION_OPTIONS, new URL('../src/options/client-options.ts', import.meta.url)],
  readme: new URL('../README.md', import.meta.url),
}

if (import.meta.main) writeOptions(README_OPTIONS)
