// What the server programs that run on Node and Bun have in common: the task comes as the last argument; the port goes out as a
// line, and so does the answer to each `gc` that comes in as one.

import { createInterface } from 'node:readline'

/** What this program was asked to do. */
export const task: string = process.argv.at(-1)!

const beforeTask = process.argv.at(-2)!

/** How to compress, if at all: `deflate`, or that and a variant behind it. */
export const compression: string | undefined = beforeTask.startsWith('deflate') ? beforeTask : undefined

/** Where this program's packages are, if they are not the repository's. */
export const packages: string = compression === undefined ? beforeTask : process.argv.at(-3)!

/**
 * What Node can collect, as if memory ran out: a regular collection keeps much that is free, which the garbage of handshakes has left
 * and no connection holds.
 */
function collectOnNode(): void {
  void globalThis.gc!({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** Says that the server listens, and from then on does what is asked; ends with the process that started it. */
export function ready(port: number, collectGarbage: () => void = collectOnNode): void {
  console.log(port)
  const lines = createInterface({ input: process.stdin })
  lines.on('line', () => {
    collectGarbage()
    console.log('done')
  })
  lines.on('close', () => process.exit())
}
