/** The name of a room as the chat has it, from what a person writes: `#Tea Party` is tea-party. */
export function readRoomName(text: string): string {
  return text.trim().replace(/^#/, '').normalize('NFC').toLowerCase().replace(/\s+/g, '-')
}
