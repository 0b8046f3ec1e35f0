// The conformance suite of engines.

import { describe } from 'vitest'
import { accountsSuite } from './accounts-suite.ts'
import { allowancesSuite } from './allowances-suite.ts'
import { endSuite } from './end-suite.ts'
import { guardSuite } from './guard-suite.ts'
import type { EngineKind } from './kinds.ts'
import { logSuite } from './log-suite.ts'
import { presenceSuite } from './presence-suite.ts'
import { removalSuite } from './removal-suite.ts'
import { searchSuite } from './search-suite.ts'
import { streamSuite } from './stream-suite.ts'

/** Describes the tests of a kind of engines. */
export function engineSuite(kind: EngineKind): void {
  describe(kind.name, () => {
    logSuite(kind)
    guardSuite(kind)
    describe('removing', () => removalSuite(kind))
    describe('search', () => searchSuite(kind))
    accountsSuite(kind)
    describe('allowances', () => allowancesSuite(kind))
    describe('presence', () => presenceSuite(kind))
    describe('the stream of a room', () => streamSuite(kind))
    describe('the end', () => endSuite(kind))
  })
}
