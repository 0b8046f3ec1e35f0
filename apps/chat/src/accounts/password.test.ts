import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from './password.ts'

test('matches its own hash, and no other', async () => {
  const stored = await hashPassword('correct horse')
  expect(await verifyPassword('correct horse', stored)).toBe(true)
  expect(await verifyPassword('correct horsf', stored)).toBe(false)
  expect(await verifyPassword('', stored)).toBe(false)
})

test('has its parameters in the hash, which is different each time', async () => {
  const [one, two] = await Promise.all([hashPassword('secret'), hashPassword('secret')])
  expect(one).toMatch(/^scrypt\$15\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
  expect(one).not.toBe(two)
})

test('matches a hash of an earlier version with other parameters', async () => {
  // RFC 7914 §12: P "pleaseletmein", S "SodiumChloride", N 16384, r 8, p 1; the first 32 bytes of
  // the result.
  const key = Buffer.from('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2', 'hex')
  const salt = Buffer.from('SodiumChloride').toString('base64url')
  const stored = `scrypt$14$8$1$${salt}$${key.toString('base64url')}`
  expect(await verifyPassword('pleaseletmein', stored)).toBe(true)
})

test('composed and decomposed characters are the same', async () => {
  expect(await verifyPassword('gru\u0308n', await hashPassword('gr\u00fcn'))).toBe(true)
})

test('the password of an unknown user is wrong after the same time', async () => {
  const stored = await hashPassword('secret')
  const known = await timed(() => verifyPassword('wrong', stored))
  const unknown = await timed(() => verifyPassword('wrong', undefined))
  expect(known.answer).toBe(false)
  expect(unknown.answer).toBe(false)
  expect(unknown.took).toBeGreaterThan(known.took / 4)
})

test('a damaged text is an error, not a wrong password', async () => {
  await expect(verifyPassword('secret', 'scrypt$15$8')).rejects.toThrow('not the hash of a password')
})

async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; took: number }> {
  const start = performance.now()
  return { answer: await work(), took: performance.now() - start }
}
