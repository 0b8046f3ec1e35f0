// Writes docs/conformance-results.md from two folders of reports: of servers, and of clients.

import { readFile, writeFile } from 'node:fs/promises'
import { cpus, type } from 'node:os'
import { join } from 'node:path'
import type { Index } from '../src/report/folder.ts'
import { formatDocument } from './document.ts'

const [servers, clients] = process.argv.slice(2)
if (servers === undefined || clients === undefined) {
  console.error('expected two folders of reports: of servers, and of clients')
  process.exit(2)
}

async function readIndex(folder: string): Promise<Index> {
  return JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Index
}

const document = formatDocument({
  servers: await readIndex(servers),
  clients: await readIndex(clients),
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} cores, ${type()}, Node ${process.versions.node}`,
})
await writeFile(join(import.meta.dirname, '../../../docs/conformance-results.md'), document)
