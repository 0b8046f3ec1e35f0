import { engineSuite } from './engine-suite.ts'
import { MEMORY, SQLITE } from './kinds.ts'

engineSuite(MEMORY)
engineSuite(SQLITE)
