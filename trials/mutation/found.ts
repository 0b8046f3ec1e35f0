// What the runs have found: tests that were missing, and code that made no difference.

import type { Found } from './document.ts'

/** In the order of the packages. */
export const found: readonly Found[] = []
