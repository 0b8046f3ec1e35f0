// Runs `ws-conformance` as its users do, and reads the verdicts from its reports.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CaseVerdict } from './verdicts.ts'

const conformance = dirname(createRequire(import.meta.url).resolve('@ws/conformance/package.json'))

/** Cases that take long: large data, and thousands of rounds. */
export const LARGE: readonly string[] = ['9.*', '12.*', '13.*', 'D6.*', 'L4.*']

export interface Selection {
  readonly only?: readonly string[]
  readonly exclude?: readonly string[]
  /** Octets of each write. Default: one write for each turn. */
  readonly chop?: number
}

type Index = Readonly<Record<string, Readonly<Record<string, { readonly behavior: string }>>>>

/** Tests the server at this address. */
export function testServer(url: string, selection: Selection): Promise<CaseVerdict[]> {
  return run(['server', url, '--insecure', '--jobs', '64'], selection, [])
}

/** Tests the client that a driver of the suite drives, by the name of its file. */
export function testClient(driver: string, selection: Selection): Promise<CaseVerdict[]> {
  const command = ['--', process.execPath, join(conformance, 'drivers', driver)]
  return run(['client', '--port', '0'], selection, command)
}

async function run(
  words: readonly string[],
  { only = ['*'], exclude = [], chop }: Selection,
  command: readonly string[],
): Promise<CaseVerdict[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ws-proofs-'))
  try {
    const options = ['--only', only.join(','), '--out', folder]
    if (exclude.length > 0) options.push('--exclude', exclude.join(','))
    if (chop !== undefined) options.push('--chop', `${chop}`)
    const child = spawn(
      process.execPath,
      [join(conformance, 'src/main.ts'), ...words, ...options, ...command],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', text => (stderr += text))
    await once(child, 'close')
    const text = await readFile(join(folder, 'index.json'), 'utf8').catch(() => {
      throw new Error(`ws-conformance wrote no report: ${stderr}`)
    })
    const [agent] = Object.values(JSON.parse(text) as Index)
    return Object.entries(agent!).map(([id, { behavior }]) => ({ id, verdict: behavior }))
  } finally {
    await rm(folder, { recursive: true })
  }
}
