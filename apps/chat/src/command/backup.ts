// `ws-chat backup`: copies the data to a new file and says how far it is.

import { statSync } from 'node:fs'
import { backup } from '../engine/sqlite/backup.ts'

/**
 * Resolves when the copy is whole; rejects with an `Error` of one line. A running chat is not held
 * up.
 */
export async function copyData(from: string, to: string): Promise<void> {
  let tenths = 0
  await backup(from, to, (done, total) => {
    const reached = Math.floor((done / total) * 10)
    if (reached <= tenths) return
    tenths = reached
    console.error(`ws-chat: ${tenths * 10} % of ${from}`)
  })
  console.log(`ws-chat: copied ${from} to ${to}, ${statSync(to).size} bytes`)
}
