// Which blocks of the stack a run reached, and how often: V8's own count, as `node:inspector` gives it. Blocks are counted only in
// functions that were compiled after this began, so begin before the code under test is imported.

import { Session } from 'node:inspector'

/** The part of `Profiler.takePreciseCoverage`'s answer that is needed. */
interface Script {
  readonly url: string
  readonly functions: readonly {
    readonly ranges: readonly {
      readonly startOffset: number
      readonly endOffset: number
      readonly count: number
    }[]
  }[]
}

/** V8's counters, from now until `stop`. */
export class Coverage {
  readonly #session = new Session()

  constructor() {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /**
   * The blocks of these files (ends of paths) that have run since this was last asked, each with the power of two of how often; and
   * how many runs of blocks that were in all.
   */
  take(files: readonly string[]): { readonly blocks: readonly string[]; readonly work: number } {
    let scripts: readonly Script[] = []
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error) throw error
      scripts = result
    })
    const blocks: string[] = []
    let work = 0
    for (const { url, functions } of scripts) {
      const file = files.findIndex(end => url.endsWith(`/${end}`))
      if (file < 0) continue
      for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges)) {
        if (count === 0) continue
        work += count
        blocks.push(`${file}:${startOffset}-${endOffset}:${Math.floor(Math.log2(count))}`)
      }
    }
    return { blocks, work }
  }

  stop(): void {
    this.#session.disconnect()
  }
}
