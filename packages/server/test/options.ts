// Writes the table of options into the README (`pnpm -r options`).

import { type OptionTables, writeOptions } from '@ws/testing'
import { ROUTE_OPTIONS } from '../src/options/route-options.ts'
import { SERVER_OPTIONS } from '../src/options/server-options.ts'

const CONNECTION_OPTIONS = new URL(
  'src/options/connection-options.ts',
  import.meta.resolve('@ws/connection/package.json'),
)

export const README_OPTIONS: OptionTables = {
  tables: [ROUTE_OPTIONS, SERVER_OPTIONS],
  sources: [
    CONNECTION_OPTIONS,
    new URL('../src/options/route-options.ts', import.meta.url),
    new URL('../src/options/server-options.ts', import.meta.url),
  ],
  readme: new URL('../README.md', import.meta.url),
}

if (import.meta.main) writeOptions(README_OPTIONS)
