/** The order of texts by their bytes in UTF-8: that of SQLite and Redis. For `sort`. */
export function textOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
