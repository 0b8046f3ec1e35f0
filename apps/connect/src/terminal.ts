// What is printed: messages on the standard output, everything else on the standard error. Text of a
// server cannot change the terminal: its control characters are shown, not sent.

import { styleText } from 'node:util'

type Style = 'dim' | 'cyan' | 'green' | 'red' | 'yellow'

/** The two streams of a terminal, or of files. */
export interface Streams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/** Prints to two streams, with colors on a terminal only. */
export class Terminal {
  /** Called to print a line; replace it where a prompt must make room. */
  print: (write: () => void) => void = write => write()
  readonly #streams: Streams
  readonly #json: boolean

  constructor(streams: Streams, json: boolean) {
    this.#streams = streams
    this.#json = json
  }

  /** A received message. A file gets text as it is. */
  message(data: string | Uint8Array): void {
    const { stdout } = this.#streams
    const text = typeof data === 'string' ? (this.#json ? indent(data) : data) : describeBytes(data)
    const line = stdout.isTTY ? paint(visible(text), 'cyan') : text
    this.print(() => stdout.write(`${line}\n`))
  }

  /** A line about the connection. */
  note(text: string, style: Style = 'dim'): void {
    const { stderr } = this.#streams
    const line = visible(text)
    this.print(() => stderr.write(`${stderr.isTTY ? paint(line, style) : line}\n`))
  }
}

/** Control characters but tabs and line ends, as the symbols of Unicode for them. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, character => {
    const code = character.charCodeAt(0)
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\u2421'
  })
}

function paint(text: string, style: Style): string {
  return process.env.NO_COLOR ? text : styleText(style, text, { validateStream: false })
}

function indent(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** The number of bytes, and the first 64 in hexadecimal. */
function describeBytes(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, 64))
    .toString('hex')
    .replaceAll(/(..)(?=.)/g, '$1 ')
  return `<${bytes.length} bytes> ${shown}${bytes.length > 64 ? ' …' : ''}`.trimEnd()
}
