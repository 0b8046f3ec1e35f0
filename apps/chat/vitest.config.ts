import { configDefaults, mergeConfig } from 'vitest/config'
import sockets from '../../vitest.sockets.ts'

/** `checker/` is a workspace of its own. */
export default mergeConfig(sockets, { test: { exclude: [...configDefaults.exclude, 'checker/**'] } })
