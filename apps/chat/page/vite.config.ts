import { defineConfig } from 'vite'
import { TARGETS } from './browsers.ts'

/** The page becomes plain files in dist/page, which page.ts of the server serves. No inline script or style: the policy forbids them. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: TARGETS,
    modulePreload: false,
    assetsInlineLimit: 0,
  },
})
