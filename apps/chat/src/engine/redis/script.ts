// Lua scripts, which Redis runs atomically. Loaded when a connection opens, then called by their
// hashes.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Reply } from './connection.ts'
import type { Ask } from './link.ts'

export interface Script {
  readonly lua: string
  readonly sha: string
}

const FOLDER = new URL('lua/', import.meta.url)

/** Reads a script of the folder `lua`, and the functions that it calls. */
export function script(name: string, ...functions: readonly string[]): Script {
  const lua = [...functions, name]
    .map(file => readFileSync(new URL(`${file}.lua`, FOLDER), 'utf8'))
    .join('\n')
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/** Loads scripts, so that `call` can call them. */
export async function loadScripts(ask: Ask, scripts: readonly Script[]): Promise<void> {
  await Promise.all(scripts.map(({ lua }) => ask(['SCRIPT', 'LOAD', lua])))
}

/** Runs a script with its `KEYS` and its `ARGV`. */
export function call(
  ask: Ask,
  { sha }: Script,
  keys: readonly string[],
  values: readonly (string | number)[] = [],
): Promise<Reply> {
  return ask(['EVALSHA', sha, String(keys.length), ...keys, ...values.map(String)])
}
