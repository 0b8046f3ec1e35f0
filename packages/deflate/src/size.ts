// What is small enough to be done at once: above it, a message would keep all other connections waiting.

/** Input of one piece, in bytes: about a millisecond of deflating. */
export const MOST_INPUT_AT_ONCE: number = 64 * 1024

/** Output of one message, in bytes. */
export const MOST_OUTPUT_AT_ONCE: number = 256 * 1024

/** "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end" (RFC 7692 §7.2.1); a receiver appends them again (§7.2.2). */
export const TAIL: Uint8Array = Uint8Array.of(0x00, 0x00, 0xff, 0xff)
