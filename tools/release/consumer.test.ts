import { expect, test } from 'vitest'
import { promisedOutput } from './consumer.ts'

const program = '# x\n\n```ts\nconsole.log(1)\n```\n'

test('what stands right behind the first program is its output', () => {
  expect(promisedOutput(`${program}\n\`\`\`text\n1\n\`\`\`\n`)).toBe('1\n')
  expect(promisedOutput(`${program}\`\`\`text\n1\n2\n\`\`\`\n`)).toBe('1\n2\n')
})

test('what stands elsewhere is not', () => {
  expect(promisedOutput(`${program}\nMore.\n\n\`\`\`text\n1\n\`\`\`\n`)).toBeUndefined()
  expect(promisedOutput(program)).toBeUndefined()
})
