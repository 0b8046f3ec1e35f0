import { mergeConfig, type ViteUserConfig } from 'vitest/config'
import portable from '../../vitest.portable.ts'
import sockets from '../../vitest.sockets.ts'

/** Every branch is covered, and there are real sockets. */
const config: ViteUserConfig = mergeConfig(portable, sockets)

export default config
