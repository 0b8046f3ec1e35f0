// Masking keys of a client (RFC 6455 §5.3), from random numbers that are drawn in advance: a call of
// the runtime for each key costs more than the rest of a short frame (`pnpm bench client`).

import { crypto } from './builtins.ts'

/** Random numbers drawn at a time. */
const POOL_SIZE = 1024

const pool = new Uint32Array(POOL_SIZE)
let used = POOL_SIZE

/** An unpredictable unsigned 32-bit number, each time another one of the pool. */
export function createMaskingKey(): number {
  if (used === POOL_SIZE) {
    crypto.randomFillSync(pool)
    used = 0
  }
  return pool[used++]!
}
