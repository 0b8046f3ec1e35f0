// All cases, in the order of their ids.

import type { Case } from './case.ts'
import { compareIds } from './compare-ids.ts'
import { closingCases } from './groups/closing.ts'
import { controlCases } from './groups/control.ts'
import { deflateCases } from './groups/deflate.ts'
import { extensionCases } from './groups/extension.ts'
import { framingCases } from './groups/framing.ts'
import { handshakeCases } from './groups/handshakes.ts'
import { limitCases } from './groups/limits.ts'
import { reservedCases } from './groups/reserved.ts'
import { strictnessCases } from './groups/strictness.ts'
import { textCases } from './groups/texts.ts'
import { utf8Cases } from './groups/utf8.ts'

/** Every case. Ids are unique. */
export const cases: readonly Case[] = [
  ...framingCases,
  ...utf8Cases,
  ...closingCases,
  ...limitCases,
  ...deflateCases,
  ...extensionCases,
  ...handshakeCases,
  ...strictnessCases,
  ...reservedCases,
  ...controlCases,
  ...textCases,
].sort((a, b) => compareIds(a.id, b.id))
