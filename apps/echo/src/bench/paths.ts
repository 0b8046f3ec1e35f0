// All paths of the bench, in the order of the list.

import type { BenchPath } from './path.ts'
import { REDIRECT, STATUS } from './paths/answers.ts'
import { ROOT, SLOW_HANDSHAKE } from './paths/echo.ts'
import { CLOSE, DROP, RESET } from './paths/endings.ts'
import { INVALID } from './paths/invalid.ts'
import { COOKIE, HEADERS, SUBPROTOCOL } from './paths/reports.ts'
import { createRoomPath } from './paths/room.ts'
import { NEVER, SILENT } from './paths/silence.ts'
import { BIG, COUNT, FLOOD, TIME } from './paths/sources.ts'

/** The paths, with rooms of their own. */
export function createPaths(): readonly BenchPath[] {
  return [
    ROOT,
    CLOSE,
    DROP,
    RESET,
    SILENT,
    NEVER,
    STATUS,
    REDIRECT,
    SLOW_HANDSHAKE,
    COUNT,
    TIME,
    FLOOD,
    BIG,
    HEADERS,
    SUBPROTOCOL,
    COOKIE,
    INVALID,
    createRoomPath(),
  ]
}
