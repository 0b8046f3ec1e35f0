// What leaves the page for the clipboard or a file.

import { button } from './element.ts'

/** A button that copies a text; undefined where a page may not (plain HTTP from another machine). */
export function copyButton(label: string, text: () => string): HTMLButtonElement | undefined {
  if (navigator.clipboard === undefined) return undefined
  const made = button(label, 'quiet', () => {
    navigator.clipboard.writeText(text()).then(
      () => flash(made, 'Copied'),
      () => flash(made, 'Not allowed'),
    )
  })
  return made
}

/** Shows words on a button for a moment. */
export function flash(target: HTMLButtonElement, words: string): void {
  const label = target.dataset.label ?? target.textContent
  target.dataset.label = label
  target.textContent = words
  setTimeout(() => {
    target.textContent = label
  }, 1500)
}

/** Saves data as a file. */
export function save(name: string, data: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([data], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
