// Above these sizes a message is transformed in the thread pool instead of on the event loop, so
// that it does not block other connections.

/** Input of one piece, in bytes: about a millisecond of deflating. */
export const MAX_SYNC_INPUT: number = 64 * 1024

/** Output of one message, in bytes. */
export const MAX_SYNC_OUTPUT: number = 256 * 1024

/**
 * "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end" (RFC 7692 §7.2.1); a receiver
 * appends them again (§7.2.2).
 */
export const TAIL: Uint8Array = Uint8Array.of(0x00, 0x00, 0xff, 0xff)
