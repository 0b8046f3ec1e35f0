// The page's end of the worker.

import type { Data, FromWorker, ToWorker } from './messages.ts'
import workerUrl from './socket-worker.ts?worker&url'

/** What the trusted types of the page allow (Content-Security-Policy). */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string }
}

/** A WebSocket in a worker. */
export class WorkerSocket {
  readonly #worker: Worker

  /** `onMessage` takes what the worker tells. */
  constructor(onMessage: (message: FromWorker) => void) {
    const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
    const policy = trustedTypes?.createPolicy('worker', { createScriptURL: () => workerUrl })
    this.#worker = new Worker(policy?.createScriptURL(workerUrl) ?? workerUrl, { type: 'module' })
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => onMessage(data))
  }

  /** Opens a WebSocket, and leaves the one before. */
  open(url: string, protocols: readonly string[]): void {
    this.#tell({ do: 'open', url, protocols })
  }

  send(data: Data): void {
    this.#tell({ do: 'send', data })
  }

  close(code?: number, reason = ''): void {
    this.#tell({ do: 'close', code, reason })
  }

  measure(url: string, count: number, size: number): void {
    this.#tell({ do: 'measure', url, count, size })
  }

  #tell(order: ToWorker): void {
    this.#worker.postMessage(order)
  }
}
