// Writes docs/conformance.md: node tools/proofs/requirements/main.ts

import { writeFileSync } from 'node:fs'
import { DOCUMENT, writeDocument } from './document.ts'

writeFileSync(DOCUMENT, writeDocument())
