import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configDefaults, mergeConfig, type ViteUserConfig } from 'vitest/config'
import sockets from '../../vitest.sockets.ts'

/** Bytes that a disk in memory must have free to be used. */
const NEEDED = 512 * 1024 * 1024

/**
 * The folder for the tests' files: in memory if possible, where writes do not wait for a disk. The
 * tests kill processes, whose writes the system keeps; none of them cuts the power.
 */
function folderForFiles(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return bavail * bsize >= NEEDED ? '/dev/shm' : tmpdir()
  } catch {
    return tmpdir()
  }
}

const config: ViteUserConfig = mergeConfig(sockets, {
  test: {
    // A workspace of its own.
    exclude: [...configDefaults.exclude, 'checker/**'],
    env: {
      TMPDIR: folderForFiles(),
      // The programs that tests start compile their modules once.
      NODE_COMPILE_CACHE: join(tmpdir(), 'ws-chat-compile-cache'),
    },
  },
})

export default config
