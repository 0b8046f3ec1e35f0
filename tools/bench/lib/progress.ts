// What is measured now, on standard error: one line that is written over on a terminal, a line each elsewhere.

/** Tells how far it is. */
export interface Progress extends Disposable {
  /** The next measurement begins. */
  next(what: string): void
}

/** `total` measurements will be made. */
export function showProgress(total: number): Progress {
  const { stderr } = process
  let number = 0
  return {
    next(what) {
      const text = `${what} (${++number} of ${total})`
      stderr.write(stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`)
    },
    [Symbol.dispose]() {
      if (stderr.isTTY) stderr.write('\r\x1b[K')
    },
  }
}
