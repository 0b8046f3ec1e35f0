import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The packages without I/O: every branch is covered, or the test run fails. */
const config: ViteUserConfig = defineConfig({
  test: {
    // Tests of growth repeat a measurement until a busy machine lets it through.
    testTimeout: 20_000,
    coverage: {
      enabled: true,
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/index.ts'],
      reporter: ['text'],
      thresholds: { 100: true },
    },
  },
})

export default config
