// The address of a Redis: a URL, whose password is never printed.

/** A Redis, and one of its databases. */
export interface RedisAddress {
  /** `redis://` or `rediss://` (TLS), with user and password. Never printed. */
  readonly url: string
  /** The URL without user and password, for people. */
  readonly name: string
  readonly database: number
}

const DEFAULT_PORT = 6379

/** Reads `redis[s]://[[user]:password@]host[:port][/database]`; undefined for other texts. */
export function readRedisAddress(text: string): RedisAddress | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, hostname, port, pathname, search, hash, username, password, href } = new URL(text)
  const [, database = '0'] = /^\/(\d{1,5})?$/.exec(pathname || '/') ?? [undefined, '']
  const isWhole = hostname !== '' && database !== '' && search === '' && hash === ''
  if (!(protocol === 'redis:' || protocol === 'rediss:') || !isWhole) return undefined
  if (!isEncoded(username) || !isEncoded(password)) return undefined
  const name = `${protocol}//${hostname}:${port || DEFAULT_PORT}/${Number(database)}`
  return { url: href, name, database: Number(database) }
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
