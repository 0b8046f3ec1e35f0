// The stored form of passwords: scrypt, with its parameters and its salt in one text.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

interface Parameters {
  readonly log2N: number
  readonly r: number
  readonly p: number
}

/** 32 MiB and some 100 ms for each. */
const PARAMETERS: Parameters = { log2N: 15, r: 8, p: 1 }
const KEY_LENGTH = 32

const STORED = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/

/** Creates the text that is stored of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, PARAMETERS)
  const { log2N, r, p } = PARAMETERS
  return `scrypt$${log2N}$${r}$${p}$${salt.toString('base64url')}$${key.toString('base64url')}`
}

/**
 * Whether a password matches `stored`. For an unknown user or a guest `stored` is undefined, and
 * the answer is false after the same time. Rejects with an `Error` if `stored` was not made by
 * `hashPassword`.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  if (stored === undefined) {
    await derive(password, Buffer.alloc(16), PARAMETERS)
    return false
  }
  const [, log2N, r, p, salt, key] = STORED.exec(stored) ?? []
  if (salt === undefined || key === undefined)
    throw new Error('the stored text is not the hash of a password')
  const expected = Buffer.from(key, 'base64url')
  const parameters = { log2N: Number(log2N), r: Number(r), p: Number(p) }
  const actual = await derive(password, Buffer.from(salt, 'base64url'), parameters)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

function derive(password: string, salt: Buffer, { log2N, r, p }: Parameters): Promise<Buffer> {
  const N = 2 ** log2N
  // A password may be typed in composed or in decomposed characters, as the keyboard likes.
  const text = password.normalize('NFKC')
  return new Promise((resolve, reject) => {
    scrypt(text, salt, KEY_LENGTH, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
