// Received bytes can be passed to the web's APIs, with each compiler that users have.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { COMPILERS } from './consumer.ts'

const require = createRequire(import.meta.url)

const PROGRAM = `import { decodeFrames } from '@ws/frame'
import { type Bytes, type Message, Protocol } from '@ws/protocol'

async function use(data: Message): Promise<void> {
  new Blob([data])
  new Response(data)
  new WebSocket('ws://127.0.0.1').send(data)
  if (typeof data !== 'string') await crypto.subtle.digest('SHA-256', data)
}

const digest = (bytes: Bytes) => crypto.subtle.digest('SHA-256', bytes)

new Protocol('server', {
  message: use,
  ping: digest,
  pong: digest,
  stream: () => ({ write: use, end() {}, abort() {} }),
  close() {},
})
const { frames, rest } = decodeFrames('server', new Uint8Array(0))
for (const { payload } of frames) new Blob([payload, rest])
`

test.each(COMPILERS)(
  '%s accepts received bytes where the DOM wants them',
  compiler => {
    const folder = mkdtempSync(join(import.meta.dirname, 'types-'))
    try {
      const compilerOptions = {
        target: 'es2024',
        lib: ['es2024', 'dom'],
        types: [],
        module: 'esnext',
        moduleResolution: 'bundler',
        allowImportingTsExtensions: true,
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        skipLibCheck: true,
      }
      writeFileSync(join(folder, 'program.ts'), PROGRAM)
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
      const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin', 'tsc')
      const { stdout } = spawnSync(process.execPath, [tsc], { cwd: folder, encoding: 'utf8' })
      expect(stdout).toBe('')
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  60_000,
)
