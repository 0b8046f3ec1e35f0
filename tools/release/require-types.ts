// Copies the declarations of a package, in whose folder it runs after `tsc`, for programs that are
// CommonJS. With `module: node16` TypeScript takes a declaration for an ES module, which `require`
// must not load there, unless the nearest manifest says otherwise. The code is the same for all:
// `require` loads ES modules in every supported Node.

import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const FROM = 'dist'
const TO = join(FROM, 'require')

rmSync(TO, { recursive: true, force: true })
const files = readdirSync(FROM, { recursive: true, encoding: 'utf8' })
for (const file of files) {
  if (!file.endsWith('.d.ts')) continue
  mkdirSync(dirname(join(TO, file)), { recursive: true })
  cpSync(join(FROM, file), join(TO, file))
}
writeFileSync(join(TO, 'package.json'), '{ "type": "commonjs" }\n')
