// A test for incompressible data that takes a fraction of a microsecond; compressing takes more
// than ten. Random, compressed and encrypted data do not get smaller.

/** Bytes that are sampled, spread over the message. */
const SAMPLE_SIZE = 256
/**
 * 256 random bytes have 162 different values (standard deviation 5); text in any language has fewer
 * than 100.
 */
const MAX_VALUES = 145

/** By value: the number of the last sample that contained it. */
const seen = new Uint32Array(256)
let samples = 0

/** Whether the bytes look random. False for fewer than 256 bytes, which are too few to tell. */
export function looksRandom(bytes: Uint8Array): boolean {
  if (bytes.length < SAMPLE_SIZE) return false
  samples = (samples + 1) >>> 0
  const distance = bytes.length / SAMPLE_SIZE
  let values = 0
  for (let i = 0; i < SAMPLE_SIZE; i++) {
    const value = bytes[Math.floor(i * distance)]!
    if (seen[value] !== samples) {
      seen[value] = samples
      values++
    }
  }
  return values > MAX_VALUES
}
