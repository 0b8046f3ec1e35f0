// Which end of the connection we are: the only thing that differs between the two is who masks.

/** Our end: a `server` reads masked frames and writes unmasked ones, a `client` the reverse (RFC 6455 §5.1). */
export type Role = 'server' | 'client'
