// Copies the declarations of a package, in whose folder it runs after `tsc`, for programs that are
// CommonJS. With `module: node16` TypeScript takes a declaration for an ES module, which `require`
// must not load there, unless the nearest manifest says otherwise. The code is the same for all:
// `require` loads ES modules in every supported Node. Declarations that are written by hand for such
// programs, `.d.cts`, are beside the sources.

import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const TO = join('dist', 'require')

rmSync(TO, { recursive: true, force: true })
copy('dist', '.d.ts')
copy('src', '.d.cts')
writeFileSync(join(TO, 'package.json'), '{ "type": "commonjs" }\n')

function copy(from: string, extension: string): void {
  for (const file of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith(extension)) continue
    mkdirSync(dirname(join(TO, file)), { recursive: true })
    cpSync(join(from, file), join(TO, file))
  }
}
