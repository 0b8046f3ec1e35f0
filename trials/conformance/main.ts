// Writes docs/conformance.md: node trials/conformance/main.ts

import { writeFileSync } from 'node:fs'
import { DOCUMENT, writeDocument } from './document.ts'

writeFileSync(DOCUMENT, writeDocument())
