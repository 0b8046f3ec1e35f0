// The packages without I/O, bundled as a user's bundler does it, and run in a browser.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Browser, findFence } from '@ws/testing'
import { rolldown } from 'rolldown'
import { promisedOutput } from './consumer.ts'

/** Bundles the module in that folder for browsers. Throws if anything of Node's is asked for. */
async function bundle(folder: string, input: string): Promise<string> {
  const warnings: string[] = []
  const build = await rolldown({
    cwd: folder,
    input,
    platform: 'browser',
    onLog: (_level, { message }) => void warnings.push(message),
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  const [chunk] = output
  if (warnings.length + chunk.imports.length + output.length !== 1)
    throw new Error(`the bundle is not whole: ${[...warnings, ...chunk.imports].join('; ')}`)
  return chunk.code
}

/** Bytes that all of a package takes in a bundle, minified and compressed. */
export async function bundledSize(folder: string, name: string): Promise<number> {
  writeFileSync(join(folder, 'all.js'), `export * from '${name}'\n`)
  return gzipSync(await bundle(folder, 'all.js')).length
}

/** Runs the first program of the README in a page: what it prints must be what the README says. */
export async function runInBrowser(browser: Browser, folder: string): Promise<void> {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  writeFileSync(join(folder, 'program.ts'), findFence(readme, 'ts', 0))
  const code = await bundle(folder, 'program.ts')
  const page = await browser.newPage()
  try {
    let printed = ''
    const failed: string[] = []
    page.on('console', message => {
      printed += `${message.text()}\n`
    })
    page.on('pageerror', ({ message }) => void failed.push(message))
    await page.addScriptTag({ content: `${code}\nglobalThis.hasRun = true`, type: 'module' })
    // An inline module runs later, and this never comes true if it throws.
    await page.waitForFunction('globalThis.hasRun', undefined, { timeout: 10_000 }).catch(() => undefined)
    const promised = promisedOutput(readme)
    // What is no text is printed otherwise by browsers.
    if (failed.length > 0 || printed === '' || (promised !== undefined && words(printed) !== words(promised)))
      throw new Error(`in a browser it printed\n${printed}${failed.join('\n')}`)
  } finally {
    await page.close()
  }
}

/** The first two words of each line. */
function words(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map(line => line.split(' ', 2).join(' '))
    .join('\n')
}
