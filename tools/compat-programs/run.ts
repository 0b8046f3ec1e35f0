// Runs one program with one implementation of `ws`, and sends its result to the parent process.

import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

const [program, implementation] = process.argv.slice(2) as [string, 'ws' | '@ws/compat']

// `ws` is overridden by @ws/compat in pnpm-workspace.yaml. The same program runs with `ws` itself
// when each import of `ws` is resolved as the alias `ws-original`.
const urls = new Set<string>()
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== 'ws' && !specifier.startsWith('ws/')) return nextResolve(specifier, context)
    const found =
      implementation === '@ws/compat'
        ? nextResolve(specifier, context)
        : nextResolve(`ws-original${specifier.slice(2)}`, { ...context, parentURL: import.meta.url })
    urls.add(found.url)
    return found
  },
})

const { run } = (await import(pathToFileURL(program).href)) as { run(): Promise<unknown> }
const result = await run()
const folder = implementation === '@ws/compat' ? '/packages/compat/' : '/node_modules/ws/'
if (urls.size === 0) throw new Error('the program does not load ws')
for (const url of urls)
  if (!url.includes(folder)) throw new Error(`expected ${implementation}, but the program loads ${url}`)
await new Promise<void>((resolve, reject) =>
  process.send!(result, error => (error === null ? resolve() : reject(error))),
)
process.disconnect()
