// Starts writer.ts, and ends it the hard way.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))

/** A process that has a file open and publishes to it. */
export class Writer {
  /** The acknowledged cids by position. */
  readonly acknowledged = new Map<number, string>()
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /**
   * Resolves after this many acknowledgments. Rejects with its output if it cannot open the file.
   */
  static async start(file: string, name: string, count: number): Promise<Writer> {
    const child = spawn(process.execPath, [WRITER, file, name], { stdio: ['ignore', 'pipe', 'pipe'] })
    const writer = new Writer(child)
    let complaint = ''
    child.stderr.on('data', data => {
      complaint += String(data)
    })
    await new Promise<void>((resolve, reject) => {
      child.once('close', () => reject(new Error(complaint.trim())))
      createInterface(child.stdout).on('line', line => {
        const [seq, cid] = line.split(' ')
        if (cid) writer.acknowledged.set(Number(seq), cid)
        if (writer.acknowledged.size >= count) resolve()
      })
    })
    return writer
  }

  /** Ends the process without cleanup, like a power cut that spares the system's memory. */
  async kill(): Promise<void> {
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await closed
  }
}
