// What a person gives the page to send: a text in some notation, files, samples.

import type { Data } from '../connection/messages.ts'
import { InvalidBytes, readBase64, readHex } from '../decode/hex.ts'
import { utf8 } from '../decode/words.ts'
import { find } from './element.ts'

/** How something is sent. */
export type Kind = 'text' | 'binary' | 'fragments'

/** Sends data, or returns a sentence that says why not. */
export type Send = (data: Data, kind: Kind) => string | undefined

/** Texts that are recalled. */
const MAX_HISTORY = 50

const SAMPLES: Readonly<Record<string, () => Data>> = {
  hello: () => 'Hello, world',
  scripts: () => 'Grüße · привет · שלום · नमस्ते · 你好 · 👩🏽‍🚀',
  json: () => JSON.stringify({ type: 'greeting', to: ['world'], at: new Date().toISOString() }),
  empty: () => '',
  bytes: () => randomBytes(2 ** 20),
}

/** The form at the bottom of the page. */
export class Composer {
  readonly #send: Send
  readonly #form = find('composer', HTMLFormElement)
  readonly #text = find('text', HTMLTextAreaElement)
  readonly #format = find('format', HTMLSelectElement)
  readonly #kind = find('kind', HTMLSelectElement)
  readonly #problem = find('problem', HTMLElement)
  readonly #files = find('files', HTMLInputElement)
  readonly #drop = find('drop', HTMLElement)
  readonly #history: string[] = []
  /** Index in the history of the text in the box. */
  #recalled = 0

  constructor(send: Send) {
    this.#send = send
    this.#form.addEventListener('submit', event => {
      event.preventDefault()
      this.#submit()
    })
    this.#text.addEventListener('keydown', event => this.#onKey(event))
    this.#text.addEventListener('input', () => this.#complain(undefined))
    this.#text.addEventListener('paste', event => {
      const { files } = event.clipboardData ?? {}
      if (!files?.length) return
      event.preventDefault()
      void this.#sendFiles([...files])
    })
    this.#format.addEventListener('change', () => {
      const isBytes = this.#format.value === 'hex' || this.#format.value === 'base64'
      this.#kind.value = isBytes ? 'binary' : 'text'
    })
    find('attach', HTMLButtonElement).addEventListener('click', () => this.#files.click())
    this.#files.addEventListener('change', () => {
      void this.#sendFiles([...(this.#files.files ?? [])])
      // So that the same file can be chosen again.
      this.#files.value = ''
      this.focus()
    })
    const samples = find('samples', HTMLElement)
    samples.addEventListener('click', event => {
      const name = event.target instanceof HTMLElement ? event.target.dataset.sample : undefined
      const sample = SAMPLES[name ?? '']
      if (sample === undefined) return
      samples.hidePopover()
      const data = sample()
      this.#complain(this.#send(data, typeof data === 'string' ? 'text' : 'binary'))
      this.focus()
    })
    this.#takeDrops()
  }

  /** A focus that does not change would measure the whole page again. */
  focus(): void {
    if (document.activeElement !== this.#text) this.#text.focus()
  }

  #submit(): void {
    const { value } = this.#text
    const kind = this.#kind.value as Kind
    const problem = this.#read(value, kind)
    this.#complain(problem)
    if (problem !== undefined) return
    if (this.#history.at(-1) !== value) this.#history.push(value)
    if (this.#history.length > MAX_HISTORY) this.#history.shift()
    this.#recalled = this.#history.length
    this.#text.value = ''
    this.focus()
  }

  /** Sends what was written. Returns what is wrong with it. */
  #read(value: string, kind: Kind): string | undefined {
    try {
      return this.#send(this.#parse(value, kind), kind)
    } catch (error) {
      if (error instanceof InvalidBytes) return error.message
      if (error instanceof SyntaxError) return `Not JSON: ${error.message}`
      throw error
    }
  }

  #parse(value: string, kind: Kind): Data {
    const format = this.#format.value
    if (format === 'json') JSON.parse(value)
    const isText = format === 'text' || format === 'json'
    // As the socket does by itself: half a surrogate pair has no UTF-8.
    if (isText) return kind === 'binary' ? utf8(value) : value.toWellFormed()
    const bytes =
      value.trim() === '' ? new Uint8Array(0) : format === 'hex' ? readHex(value) : readBase64(value)
    return kind === 'text' ? textOf(bytes) : bytes
  }

  #onKey(event: KeyboardEvent): void {
    // Enter also ends the composition of a word (Japanese, Chinese).
    if (event.isComposing) return
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      this.#form.requestSubmit()
    } else if (event.key === 'ArrowUp' && this.#text.selectionEnd === 0) this.#recall(-1, event)
    else if (event.key === 'ArrowDown' && this.#text.selectionStart === this.#text.value.length)
      this.#recall(1, event)
  }

  #recall(by: number, event: KeyboardEvent): void {
    const to = Math.max(0, Math.min(this.#history.length, this.#recalled + by))
    if (to === this.#recalled) return
    event.preventDefault()
    this.#recalled = to
    this.#text.value = this.#history[to] ?? ''
    const end = by < 0 ? 0 : this.#text.value.length
    this.#text.setSelectionRange(end, end)
  }

  /** One binary message for each file, in order. */
  async #sendFiles(files: readonly File[]): Promise<void> {
    for (const file of files) {
      try {
        const problem = this.#send(new Uint8Array(await file.arrayBuffer()), 'binary')
        if (problem === undefined) continue
        this.#complain(`${file.name} was not sent. ${problem}`)
        return
      } catch {
        // A folder, or gone, or beyond what one buffer holds.
        this.#complain(`${file.name} could not be read.`)
      }
    }
  }

  #takeDrops(): void {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true
    addEventListener('dragover', event => {
      if (!hasFiles(event)) return
      event.preventDefault()
      this.#drop.hidden = false
    })
    addEventListener('dragleave', event => {
      if (event.relatedTarget === null) this.#drop.hidden = true
    })
    addEventListener('drop', event => {
      this.#drop.hidden = true
      if (!hasFiles(event)) return
      event.preventDefault()
      void this.#sendFiles([...(event.dataTransfer?.files ?? [])])
    })
  }

  #complain(problem: string | undefined): void {
    this.#problem.textContent = problem ?? ''
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new InvalidBytes('These bytes are not UTF-8, which a text must be. Send them as binary.')
  }
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  // The source gives at most 64 KiB at once.
  for (let i = 0; i < length; i += 2 ** 16) crypto.getRandomValues(bytes.subarray(i, i + 2 ** 16))
  return bytes
}
