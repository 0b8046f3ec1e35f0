// The programs of this repository, run for the tests of the documents: apps by their files, others by the fence that they stand in.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type ProgramOptions, type RunningProgram, startReadme } from '@ws/testing'
import { ROOT } from '../check/documents.ts'

/** The folder of the documents, in which their programs find the packages. */
export const FOLDER: string = join(ROOT, 'docs')

/** Starts the nth program of a guide, which listens, and gives its URL; with what else it is told. */
export async function startGuide(
  document: string,
  index: number,
  options: Pick<ProgramOptions, 'args' | 'env'> = {},
): Promise<RunningProgram & { readonly url: string; readonly port: number }> {
  const ready = /^(?:listening on|open) .*(?:localhost:|port: )(\d+)/
  const program = await startReadme(FOLDER, index, ready, { document: join('guides', document), ...options })
  const port = Number(program.match[1])
  return { ...program, port, url: `ws://localhost:${port}` }
}

/** A program of apps/ that listens. */
export interface App extends AsyncDisposable {
  readonly port: number
  /** What it has written to standard output so far. */
  readonly output: string
}

/** Starts a program of apps/ on a free port, and waits for its first line that matches. */
export async function startApp(file: string, args: readonly string[], ready: RegExp): Promise<App> {
  const child = spawn(process.execPath, [join(ROOT, file), '--port', '0', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  let output = ''
  let complaints = ''
  child.stderr.on('data', text => {
    complaints += text
  })
  child.stdout.on('data', text => {
    output += text
  })
  const gone = ended.then(() => Promise.reject(new Error(`${file} has ended: ${complaints}`)))
  gone.catch(() => {})
  while (!ready.test(output)) await Promise.race([once(child.stdout, 'data'), gone])
  return {
    port: Number(ready.exec(output)![1]),
    output,
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
    },
  }
}
