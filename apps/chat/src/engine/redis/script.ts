// Scripts: what Redis does in one piece. Loaded when a connection is opened, then called by their hashes.

import { createHash } from 'node:crypto'
import type { Reply } from './connection.ts'
import type { Ask } from './link.ts'

export interface Script {
  readonly lua: string
  readonly sha: string
}

export function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/** From then on `call` can call them. */
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
