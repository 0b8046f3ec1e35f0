// Runs installed servers and proxies for tests, each on a free port with a folder of its own.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Describe } from './browser.ts'
import { freePort } from './free-port.ts'

/** Debian keeps some programs where only administrators look. */
const PATH = `${process.env.PATH}:/usr/local/sbin:/usr/sbin`
/** Another process may take the free port first. */
const ATTEMPTS = 5

/** Arguments for the program, which is to listen on this port; may write files into the folder. */
export type Configure = (port: number, folder: string) => readonly string[]

/** A program that runs. Disposal ends it and deletes its folder. */
export class InstalledProgram {
  readonly port: number
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port
    this.#child = child
    this.#folder = folder
  }

  /** Starts a program, and waits until it accepts connections. */
  static async start(program: string, configure: Configure): Promise<InstalledProgram> {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort()
      const folder = mkdtempSync(join(tmpdir(), `${program}-`))
      const child = spawn(program, configure(port, folder), { env: { ...process.env, PATH }, stdio: 'pipe' })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += String(chunk)))
      if (await accepts(port, child)) return new InstalledProgram(port, child, folder)
      rmSync(folder, { recursive: true })
      if (attempt === ATTEMPTS) throw new Error(`${program} did not start: ${output}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    await ended
    rmSync(this.#folder, { recursive: true })
  }
}

/** Writes a file into the folder of a program, and returns its path. */
export function writeInto(folder: string, name: string, content: string | Uint8Array): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

/** `describe`, or a version that skips its tests with a warning if the program is not installed. */
export function withProgram(program: string, describe: Describe & { readonly skip: Describe }): Describe {
  const { error } = spawnSync(program, ['-h'], { env: { PATH }, timeout: 2000 })
  if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ENOENT') return describe
  return (name, body) => {
    console.warn(`${name}: skipped: ${program} is not installed`)
    return describe.skip(name, body)
  }
}

/** Whether the port accepts connections before the program ends. */
async function accepts(port: number, child: ChildProcess): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return true
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return false
}
