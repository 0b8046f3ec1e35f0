import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Tests with real sockets and browsers: one file at a time, for on two cores they disturb each other. */
const config: ViteUserConfig = defineConfig({
  test: { fileParallelism: false, testTimeout: 20_000, hookTimeout: 20_000 },
})

export default config
