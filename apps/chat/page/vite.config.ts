import { defineConfig, type Plugin } from 'vite'
import { TARGETS } from './browsers.ts'

/** Removes comments and indentation, which are for readers of the source. */
const compactHtml: Plugin = {
  name: 'compact-html',
  transformIndexHtml: html => html.replaceAll(/<!--.*?-->/gs, '').replaceAll(/\n\s+/g, '\n'),
}

/**
 * Builds plain files into dist/page, which src/http/page.ts serves. The content security policy
 * forbids inline scripts and styles.
 */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [compactHtml],
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: TARGETS,
    modulePreload: false,
    assetsInlineLimit: 0,
  },
})
