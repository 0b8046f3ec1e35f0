/**
 * Files that are dropped or pasted: the chat takes none. A browser would open them in place of the
 * page, or ignore them.
 */
export function refuseFiles(tell: (words: string) => void): void {
  const hasFiles = (data: DataTransfer | null) => data?.types.includes('Files') === true
  const refuse = (event: Event) => {
    event.preventDefault()
    tell("Files can't be sent in this chat.")
  }
  addEventListener('dragover', event => hasFiles(event.dataTransfer) && event.preventDefault())
  addEventListener('drop', event => hasFiles(event.dataTransfer) && refuse(event))
  addEventListener('paste', event => {
    const data = event.clipboardData
    // Office programs put a picture beside the text that was copied.
    if (hasFiles(data) && data?.types.includes('text/plain') === false) refuse(event)
  })
}
