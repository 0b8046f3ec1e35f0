// The file of a Unix socket: its mode, and one that a process left behind when it was killed.

import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { isMainThread } from 'node:worker_threads'

/** Calls `bind`, which creates the file, so that the file has this mode from the beginning. */
export function withMode(path: string, mode: number | undefined, bind: () => void): void {
  if (mode === undefined || process.platform === 'win32') {
    bind()
    return
  }
  // A thread cannot change what is the process's.
  const previous = isMainThread ? process.umask(0o777 & ~mode) : undefined
  try {
    bind()
  } finally {
    if (previous !== undefined) process.umask(previous)
  }
  if (previous === undefined && isSocket(path)) chmodSync(path, mode)
}

/**
 * Removes the file if it is a socket (no link to one) that no process listens on. Returns whether
 * it did.
 */
export async function removeStale(path: string): Promise<boolean> {
  if (!isSocket(path) || !(await isRefused(path))) return false
  unlinkSync(path)
  return true
}

function isSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket()
  } catch {
    return false
  }
}

/** Whether a connection is refused, rather than accepted or forbidden. */
function isRefused(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', error => resolve('code' in error && error.code === 'ECONNREFUSED'))
  })
}
