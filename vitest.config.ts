import { defineConfig } from 'vitest/config'

/** For `pnpm vitest` at the root (watch mode over everything); turbo runs each package by its own configuration. */
export default defineConfig({
  test: { projects: ['packages/*', 'apps/*', 'apps/chat/checker', 'tools/*', 'docs'] },
})
