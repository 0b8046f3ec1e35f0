import { defineConfig } from 'vite'

/** The page becomes plain files in dist/page, which page.ts of the server serves. No inline script or style: the policy forbids them. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5', 'ios17.5'],
    modulePreload: false,
    assetsInlineLimit: 0,
  },
  worker: { format: 'es' },
})
