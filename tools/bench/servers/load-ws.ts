// `ws` and `bufferutil` from a folder of peers, and no other: without its native part `bufferutil` falls back on JavaScript and says
// nothing, which would be another contender than the one that is named.

import { createRequire } from 'node:module'
import { join } from 'node:path'

/** What `ws` exports; throws an `Error` if the two cannot be had as they are meant to be. `@ws/compat` under that name needs no other. */
export function loadWs<T>(folder: string): T {
  const load = createRequire(join(folder, 'package.json'))
  const { name } = load('ws/package.json') as { name: string }
  if (name === 'ws') checkNative(load('bufferutil') as { mask: unknown })
  return load('ws') as T
}

function checkNative({ mask }: { mask: unknown }): void {
  if (!String(mask).includes('[native code]'))
    throw new Error('bufferutil has no native code for this machine')
}
