/**
 * Our end of the connection: a `server` reads masked frames and writes unmasked ones, a `client`
 * does the reverse (RFC 6455 §5.1).
 */
export type Role = 'server' | 'client'
