/** Makes the name of a room from a person's text: `#Tea Party` becomes tea-party. */
export function readRoomName(text: string): string {
  return text.trim().replace(/^#/, '').normalize('NFC').toLowerCase().replace(/\s+/g, '-')
}
