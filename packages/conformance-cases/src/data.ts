// Test data for the cases with compression, computed from a seed: the same on every machine. Sizes
// are multiples of 32 KiB, so that messages repeat after a few and a tester can keep what it
// compressed.

import type { DataSource } from './case.ts'

const KIB = 1024

/** A sequence of pseudo-random numbers from 0 (inclusive) to 1 (Marsaglia's xorshift). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

const ascii = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** Text in pieces, cut to a number of UTF-16 units. */
function collect(length: number, next: () => string): string {
  const pieces: string[] = []
  for (let size = 0; size < length; ) {
    const piece = next()
    pieces.push(piece)
    size += piece.length
  }
  return pieces.join('').slice(0, length)
}

const STATES = ['open', 'closing', 'closed']

/** Records with equal keys: compresses to 4 %. */
function createJson(): Uint8Array<ArrayBuffer> {
  const random = createRandom(1)
  let id = 0
  const text = collect(192 * KIB, () => {
    const state = STATES[Math.floor(random() * STATES.length)]!
    const record = {
      connection: id++,
      state,
      protocol: 'chat.example.com',
      extensions: ['permessage-deflate'],
      received: { messages: Math.floor(random() * 1e6), octets: Math.floor(random() * 1e9), fragments: 1 },
      sent: { messages: Math.floor(random() * 1e5), octets: 1024, fragments: 1 },
    }
    return `    ${JSON.stringify(record, null, 4).replaceAll('\n', '\n    ')},\n`
  })
  return ascii(text)
}

/** A bitmap of grey noise whose last rows are blank: compresses to 85 %. */
function createBitmap(): Uint8Array<ArrayBuffer> {
  const random = createRandom(2)
  const bytes = new Uint8Array(256 * KIB)
  bytes.set(ascii('BM'))
  for (let i = 54; i < 1078; i++) bytes[i] = i % 4 === 1 ? 0 : (i - 54) >> 2
  for (let i = 1078; i < 219 * KIB; i++) bytes[i] = Math.floor(random() * 256)
  return bytes
}

/** A word of two to five syllables. */
function createWord(random: () => number): string {
  const pick = (letters: string) => letters[Math.floor(random() * letters.length)]!
  const syllables = 1 + Math.floor(random() * 3)
  return Array.from(
    { length: syllables },
    () => pick('bcdfghlmnprstvw') + pick('aeiou') + pick('nrstl '),
  ).join('')
}

/** Sentences of words of which few are frequent: compresses to 39 %. */
function createProse(): Uint8Array<ArrayBuffer> {
  const random = createRandom(3)
  const words = Array.from({ length: 4000 }, () => createWord(random))
  const text = collect(224 * KIB, () => {
    const sentence = Array.from(
      { length: 4 + Math.floor(random() * 16) },
      () => words[Math.floor(words.length * random() ** 3)]!,
    ).join(' ')
    return `${sentence[0]!.toUpperCase()}${sentence.slice(1)}${random() < 0.2 ? '.\n\n' : '. '}`
  })
  return ascii(text)
}

/** Rows of a table, with a few characters of two octets: compresses to 5 %. */
function createHtml(): Uint8Array<ArrayBuffer> {
  const random = createRandom(4)
  let row = 0
  const text = collect(256 * KIB, () => {
    const name = row++ % 80 === 0 ? 'Müller' : 'Miller'
    const amount = Math.floor(random() * 1e7)
    return `<tr class="row"><td class="number">${row}</td><td class="name">${name}</td><td class="state">delivered</td><td class="amount" title="in euros">${amount}.00</td></tr>\n`
  })
  return ascii(text)
}

/** Large compressed streams, each followed by a plain table: compresses to 76 %. */
function createPdf(): Uint8Array<ArrayBuffer> {
  const random = createRandom(5)
  const bytes = new Uint8Array(1024 * KIB)
  const [part, stream] = [256 * KIB, 193 * KIB]
  for (let at = 0; at < bytes.length; at += part) {
    for (let i = 0; i < stream; i++) bytes[at + i] = Math.floor(random() * 256)
    bytes.set(ascii('0000000000 65535 f\n'.repeat(4000)).subarray(0, part - stream), at + stream)
    bytes.set(ascii(`${at} 0 obj << /Length ${stream} /Filter /FlateDecode >> stream\n`), at)
  }
  return bytes
}

const GENERATORS: Readonly<Record<DataSource, () => Uint8Array<ArrayBuffer>>> = {
  json: createJson,
  bitmap: createBitmap,
  prose: createProse,
  html: createHtml,
  pdf: createPdf,
}

const created = new Map<DataSource, Uint8Array<ArrayBuffer>>()

/** The octets of a source. The same array for each call: do not change it. */
export function createData(source: DataSource): Uint8Array<ArrayBuffer> {
  const known = created.get(source) ?? GENERATORS[source]()
  created.set(source, known)
  return known
}
