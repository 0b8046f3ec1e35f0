// A storage that lasts as long as the page. Tests can make it full.

export class MemoryStorage implements Storage {
  readonly #values = new Map<string, string>()
  isFull = false

  get length(): number {
    return this.#values.size
  }

  key(i: number): string | null {
    return [...this.#values.keys()][i] ?? null
  }

  getItem(key: string): string | null {
    return this.#values.get(key) ?? null
  }

  setItem(key: string, value: string): void {
    if (this.isFull) throw new Error('QuotaExceededError')
    this.#values.set(key, value)
  }

  removeItem(key: string): void {
    this.#values.delete(key)
  }

  clear(): void {
    this.#values.clear()
  }
}
