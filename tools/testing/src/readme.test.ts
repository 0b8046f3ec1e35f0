import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { findFence, runReadme, startReadme } from './readme.ts'

vi.setConfig({ testTimeout: 15_000 })

const README = `# A package
\`\`\`sh
npm install it
\`\`\`
\`\`\`ts
import { name } from 'it'

const text: string = [name, ...process.argv.slice(2)].join(' ')
console.log(text)
console.error({ aside: true })
process.exitCode = 3
\`\`\`
\`\`\`text
it a b
\`\`\`
\`\`\`ts
setInterval(() => {}, 1000)
process.on('SIGTERM', () => process.exit(7))
console.log('first line')
console.log('listening on', 42)
\`\`\`
\`\`\`ts
console.log('just so much')
setInterval(() => {}, 1000)
\`\`\`
\`\`\`ts
no end
`
const folder = mkdtempSync(join(tmpdir(), 'readme-'))
writeFileSync(join(folder, 'README.md'), README)
writeFileSync(join(folder, 'it.js'), "export const name = 'it'\n")
writeFileSync(join(folder, 'package.json'), '{ "name": "it", "type": "module", "exports": "./it.js" }\n')
const files = readdirSync(folder)
afterAll(() => rmSync(folder, { recursive: true }))

describe('findFence', () => {
  test('finds code blocks by language and index', () => {
    expect(findFence(README, 'text', 0)).toBe('it a b\n')
    expect(findFence(README, 'sh', 0)).toBe('npm install it\n')
    expect(findFence(README.replaceAll('\n', '\r\n'), 'ts', 2)).toContain('just so much')
  })

  test('throws when the block is missing or has no end', () => {
    expect(() => findFence(README, 'js', 0)).toThrow('no fence 0 of js: there are 0')
    expect(() => findFence(README, 'ts', 4)).toThrow('no fence 4 of ts: there are 4')
    expect(() => findFence(README, 'ts', 3)).toThrow('fence 3 of ts has no end')
  })
})

describe('runReadme', () => {
  test('runs a program that imports its own package, and returns its output and exit code', async () => {
    const result = await runReadme(folder, 0, { args: ['a', 'b'] })
    expect(result).toEqual({ stdout: 'it a b\n', stderr: '{ aside: true }\n', exitCode: 3, signal: null })
    expect(readdirSync(folder)).toEqual(files)
  })

  test('kills a program after the timeout, and rejects with its output', async () => {
    await expect(runReadme(folder, 2, { timeout: 2500 })).rejects.toThrow(
      /still running after 2500 ms[\s\S]*just so much/,
    )
    expect(readdirSync(folder)).toEqual(files)
  })

  test('leaves no file when the README has no such program', async () => {
    await expect(runReadme(folder, 9)).rejects.toThrow('no fence 9')
    expect(readdirSync(folder)).toEqual(files)
  })
})

describe('startReadme', () => {
  test('waits for the line, and stops the program once', async () => {
    const program = await startReadme(folder, 1, /listening on (\d+)/)
    expect(program.match[1]).toBe('42')
    expect(() => process.kill(program.pid, 0)).not.toThrow()
    await expect(program.stop()).resolves.toMatchObject({
      exitCode: 7,
      stdout: 'first line\nlistening on 42\n',
    })
    await expect(program.stop()).resolves.toMatchObject({ exitCode: 7 })
    expect(() => process.kill(program.pid, 0)).toThrow('ESRCH')
    expect(readdirSync(folder)).toEqual(files)
  })

  test('stops the program when it is disposed', async () => {
    const pid = await (async () => {
      await using program = await startReadme(folder, 1, /listening/)
      return program.pid
    })()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  test('rejects when the program ends before the line', async () => {
    await expect(startReadme(folder, 0, /listening/)).rejects.toThrow(
      /ended before a line matched[\s\S]*it\n/,
    )
  })

  test('rejects when no line matches within the timeout', async () => {
    await expect(startReadme(folder, 2, /listening/, { timeout: 2500 })).rejects.toThrow(
      /SIGKILL[\s\S]*just so much/,
    )
    expect(readdirSync(folder)).toEqual(files)
  })
})
