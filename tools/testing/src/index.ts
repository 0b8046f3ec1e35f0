export {
  type Browser,
  chromiumPath,
  type Describe,
  inChromium,
  launchChromium,
  type Page,
} from './browser.ts'
export { concat, hex, utf8 } from './bytes.ts'
export { type Certificate, createCertificate } from './certificate.ts'
export { numberOf, readCommandLine, refuse } from './command-line.ts'
export {
  type Direction,
  type DirectionFaults,
  FaultConnection,
  FaultProxy,
  type Faults,
} from './fault-proxy.ts'
export { type Dependencies, describeDependencies, installInto } from './install.ts'
export { InstalledProgram, withProgram, writeInto } from './installed-program.ts'
export { collectGarbage, onV8 } from './memory.ts'
export { type OptionTables, readmeWithOptions, writeOptions } from './option-table.ts'
export { randomBytes, randomFrom } from './random.ts'
export { headLength, type Lines, RawPeer, upgradeRequest } from './raw-peer.ts'
export {
  findFence,
  type ProgramOptions,
  type ProgramResult,
  type RunningProgram,
  runReadme,
  startReadme,
} from './readme.ts'
export { findRedis, RedisServer, withRedis } from './redis-server.ts'
export { type Runner, runSuite, type TestResult } from './run-suite.ts'
export { type Segmentation, segmentations } from './segmentations.ts'
