// Where a program is that the machine may have.

import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The first of some names that is a program on PATH: all places are looked at for the first name before the next. Undefined for none. */
export function findProgram(names: readonly string[]): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter).filter(directory => directory !== '')
  return names.flatMap(name => directories.map(directory => join(directory, name))).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
