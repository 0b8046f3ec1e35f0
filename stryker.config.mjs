import { fileURLToPath } from 'node:url'

// Tests with a clock skip themselves: instrumented code is slow.
process.env.INSTRUMENTED = '1'

/** Mutation tests of the packages without I/O: `pnpm --filter @ws/frame mutation`. See docs/mutation.md. */
export default {
  testRunner: 'vitest',
  plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
  vitest: { related: false },
  mutate: ['src/**/*.ts', '!src/**/*.test.ts', '!src/index.ts'],
  // Constants of a module would need every test.
  ignoreStatic: true,
  // Most texts are for people; tests ask that they exist.
  mutator: { excludedMutations: ['StringLiteral'] },
  concurrency: 2,
  timeoutMS: 30_000,
  thresholds: { high: 100, low: 100, break: 100 },
  reporters: ['progress-append-only', 'clear-text', 'html'],
  clearTextReporter: { reportTests: false },
  // Unchanged code with unchanged tests keeps its result.
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  // TypeScript 7 has no API to read a tsconfig with.
  tsconfigFile: 'none.json',
  // As deep as a package, so that `../../vitest.portable.ts` resolves in a sandbox.
  tempDirName: '../../.stryker-tmp',
}
