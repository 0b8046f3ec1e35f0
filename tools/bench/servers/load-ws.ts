// `ws` and `bufferutil` from a folder of peers, and no other: without its native part `bufferutil` falls back on JavaScript and says
// nothing, which would be another contender than the one that is named.

import { createRequire } from 'node:module'
import { join } from 'node:path'

/** What `ws` exports; throws an `Error` if the two cannot be had as they are meant to be. */
export function loadWs<T>(folder: string): T {
  const load = createRequire(join(folder, 'package.json'))
  const { mask } = load('bufferutil') as { mask: unknown }
  if (!String(mask).includes('[native code]'))
    throw new Error('bufferutil has no native code for this machine')
  return load('ws') as T
}
