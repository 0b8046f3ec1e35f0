// An abort signal that is created on first use.

/** Cancels something once. Costs nothing unless its signal is used. */
export class Cancellation {
  #controller: AbortController | undefined
  #reason: Error | undefined

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  cancel(reason: Error): void {
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}
