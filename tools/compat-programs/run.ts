// Runs one program with one implementation of `ws`, and sends its result to the parent process.

import { pathToFileURL } from 'node:url'
import { type Implementation, useImplementation } from './implementation.ts'

const [program, implementation] = process.argv.slice(2) as [string, Implementation]
const check = useImplementation(implementation)
const { run } = (await import(pathToFileURL(program).href)) as { run(): Promise<unknown> }
const result = await run()
check()
await new Promise<void>((resolve, reject) =>
  process.send!(result, (error: Error | null) => (error === null ? resolve() : reject(error))),
)
process.disconnect()
