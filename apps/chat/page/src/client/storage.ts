// The storage of the page for its token, drafts and unsent messages.

import { MemoryStorage } from './memory-storage.ts'

/** The browser's storage, or one that lasts as long as the page, where site data is blocked. */
export function openStorage(): { readonly storage: Storage; readonly isLasting: boolean } {
  try {
    const { localStorage } = window
    localStorage.setItem('chat.probe', '')
    localStorage.removeItem('chat.probe')
    return { storage: localStorage, isLasting: true }
  } catch {
    return { storage: new MemoryStorage(), isLasting: false }
  }
}
