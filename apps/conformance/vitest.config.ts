import { mergeConfig, type ViteUserConfig } from 'vitest/config'
import sockets from '../../vitest.sockets.ts'

/** Tests of hundreds of cases take long on a busy machine. */
const config: ViteUserConfig = mergeConfig(sockets, { test: { testTimeout: 120_000 } })

export default config
