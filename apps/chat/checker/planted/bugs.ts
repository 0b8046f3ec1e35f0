// The nine bugs that the checker must find, by name.

import type { Engine } from '@ws/chat/src/engine/engine'
import { AcknowledgesEarly, Drops, ForgetsClientIds, StoresTwice, SwapsNeighbours } from './publishing.ts'
import { ForgetsEdits, IgnoresHints, KeepsEpoch, ResumesOffByOne } from './reading.ts'

export const BUGS = {
  'acknowledges before storing': engine => new AcknowledgesEarly(engine),
  'drops one in a thousand': engine => new Drops(engine),
  'stores twice': engine => new StoresTwice(engine),
  'swaps neighbours': engine => new SwapsNeighbours(engine),
  'resumes off by one': engine => new ResumesOffByOne(engine),
  'forgets client ids on restart': engine => new ForgetsClientIds(engine),
  'forgets edits': engine => new ForgetsEdits(engine),
  'ignores hints': engine => new IgnoresHints(engine),
  'keeps the epoch after a loss': engine => new KeepsEpoch(engine),
} as const satisfies Record<string, (engine: Engine) => Engine>

export type Bug = keyof typeof BUGS
