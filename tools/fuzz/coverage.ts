// V8's counts of the blocks that a run reached, through `node:inspector`. Only functions that are
// compiled afterwards are counted, so start before the code under test is imported.

import { Session } from 'node:inspector'

/** The part of the result of `Profiler.takePreciseCoverage` that is used. */
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

/** V8's counters, from its construction until `stop`. */
export class Coverage {
  readonly #session = new Session()

  constructor() {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /**
   * The blocks of these files (ends of paths) that have run since the last call, each with the power of
   * two of its count, and the sum of all counts.
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
