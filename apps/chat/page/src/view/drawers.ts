// On a narrow screen the panes at the sides are drawers: one at a time, over the log.

/** Sets up the buttons of the drawers. The result closes all. */
export function setUpDrawers(): () => void {
  const { body } = document
  let opener: HTMLElement | undefined
  const close = () => {
    delete body.dataset.drawer
    opener?.focus()
    opener = undefined
  }
  for (const open of document.querySelectorAll<HTMLElement>('[data-open]')) {
    open.addEventListener('click', () => {
      body.dataset.drawer = open.dataset.open ?? ''
      opener = open
      document.querySelector<HTMLElement>(`#${open.dataset.open} button`)?.focus()
    })
  }
  for (const shut of document.querySelectorAll('[data-close], #scrim')) shut.addEventListener('click', close)
  addEventListener('keydown', event => {
    if (event.key === 'Escape' && body.dataset.drawer !== undefined) close()
  })
  return close
}
