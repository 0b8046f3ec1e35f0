import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Block, type Inline, readMarkdown, withoutMarks } from './markdown.ts'

/** The text that a tree was read from. */
function write(blocks: readonly Block[]): string {
  return blocks.map(writeBlock).join('\n')
}

function writeBlock(block: Block): string {
  if (block.kind === 'fence') return block.open + block.text + block.close
  const text = block.content.map(writeInline).join('')
  if (block.kind === 'lines') return text
  return text
    .split('\n')
    .map((line, i) => block.marks[i] + line)
    .join('\n')
}

function writeInline(inline: Inline): string {
  if (inline.kind === 'code') return `\`${inline.text}\``
  if (inline.kind === 'link') return inline.source
  if (inline.kind === 'text' || inline.kind === 'mention') return inline.text
  return inline.mark + inline.content.map(writeInline).join('') + inline.mark
}

/** A tree in short: <bold …>, [label address]. */
function short(text: string): string {
  const inline = (each: Inline): string => {
    if (each.kind === 'text') return each.text
    if (each.kind === 'link') return `[${each.label} ${each.address}]`
    if (each.kind === 'code' || each.kind === 'mention') return `<${each.kind} ${each.text}>`
    return `<${each.kind} ${each.content.map(inline).join('')}>`
  }
  return readMarkdown(text)
    .map(block => {
      if (block.kind === 'fence') return `<fence ${block.text}>`
      const content = block.content.map(inline).join('')
      return block.kind === 'quote' ? `<quote ${content}>` : content
    })
    .join('|')
}

describe('inline', () => {
  it.each([
    ['plain', 'plain'],
    ['**b** and *i* and _i_', '<bold b> and <italic i> and <italic i>'],
    ['**b *both* b**', '<bold b <italic both> b>'],
    ['*a **b** c*', '<italic a <bold b> c>'],
    ['2 * 3 * 4 and snake_case_name', '2 * 3 * 4 and snake_case_name'],
    ['**open', '**open'],
    ['*a **b*', '<italic a **b>'],
    ['****', '****'],
    ['`a *b* <c>` d', '<code a *b* <c>> d'],
    ['` open', '` open'],
    ['hi @Ann_1, you', 'hi @Ann_1, you'],
    ['me@example.org', 'me@example.org'],
    ['see https://a.example/x_y_z.', 'see [https://a.example/x_y_z https://a.example/x_y_z].'],
    ['(https://a.example/b_(c))', '([https://a.example/b_(c) https://a.example/b_(c)])'],
    ['(https://a.example)', '([https://a.example https://a.example/])'],
    ['**https://a.example**', '<bold [https://a.example https://a.example/]>'],
    ['[here](https://a.example/b)', '[here https://a.example/b]'],
    ['mailto:a@b.example', '[mailto:a@b.example mailto:a@b.example]'],
    ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
    ['[x](JaVaScRiPt:alert)', '[x](JaVaScRiPt:alert)'],
    ['[x](data:text/html,hi) [y](//a.example)', '[x](data:text/html,hi) [y](//a.example)'],
    ['javascript:alert(1) file:///etc', 'javascript:alert(1) file:///etc'],
    ['https://', 'https://'],
  ])('%s', (text, expected) => {
    expect(short(text)).toBe(expected)
  })

  it.each([
    ['https://a.example/_next_ is', '[https://a.example/_next_ https://a.example/_next_] is'],
    ['_https://a.example/b_ is', '<italic [https://a.example/b https://a.example/b]> is'],
    ['https://a.example/?q[]=1&r[a] is', '[https://a.example/?q[]=1&r[a] https://a.example/?q[]=1&r[a]] is'],
    ['[https://a.example/b]', '[[https://a.example/b https://a.example/b]]'],
    ['https://a.example/{id} is', '[https://a.example/{id} https://a.example/%7Bid%7D] is'],
    ['{https://a.example/b}.', '{[https://a.example/b https://a.example/b]}.'],
    ['https://a.example/~ada/* is', '[https://a.example/~ada/* https://a.example/~ada/*] is'],
    ['請看https://a.example/b', '請看[https://a.example/b https://a.example/b]'],
    ['여기https://a.example/b', '여기[https://a.example/b https://a.example/b]'],
    ['看https://a.example/b。然後', '看[https://a.example/b https://a.example/b]。然後'],
    [
      '(看https://a.example/b)、（https://a.example/c）',
      '(看[https://a.example/b https://a.example/b])、（[https://a.example/c https://a.example/c]）',
    ],
    ['「https://a.example/b」', '「[https://a.example/b https://a.example/b]」'],
    ['xhttps://a.example/b', 'xhttps://a.example/b'],
  ])('an address ends where people expect it: %s', (text, expected) => {
    expect(short(text)).toBe(expected)
  })

  it.each([
    ['這是**粗體**文字', '這是<bold 粗體>文字'],
    ['これは*斜体*です', 'これは<italic 斜体>です'],
    ['이것은 **굵게**입니다', '이것은 <bold 굵게>입니다'],
    ['นี่คือ**ตัวหนา**นะ', 'นี่คือ<bold ตัวหนา>นะ'],
    ['**注意：**請看', '<bold 注意：>請看'],
    ['snake_case_名', 'snake_case_名'],
  ])('marks need no spaces in scripts without spaces: %s', (text, expected) => {
    expect(short(text)).toBe(expected)
  })

  it.each([
    '[bank.example](https://evil.example)',
    '[go to bank.example/login](https://evil.example)',
    '[BANK．example](https://evil.example)',
    '[bank\u200b.exam\u00adple](https://evil.example)',
    '[ann@bank.example](mailto:ann@evil.example)',
    '[https://bank.example](https://evil.example)',
    '[bank.example](https://bank.example.evil.example)',
    '[bank.example](https://bank.example@evil.example)',
  ])('a label that names another host than the link is text: %s', text => {
    expect(short(text)).toMatch(/^\[[^\]]+\]\(/)
  })

  it.each([
    ['[bank.example](https://bank.example/login)', '[bank.example https://bank.example/login]'],
    ['[bank.example](https://www.bank.example)', '[bank.example https://www.bank.example/]'],
    ['[bücher.example](https://xn--bcher-kva.example)', '[bücher.example https://xn--bcher-kva.example/]'],
    ['[version 1.2](https://a.example)', '[version 1.2 https://a.example/]'],
    ['[ann@a.example](mailto:ann@a.example)', '[ann@a.example mailto:ann@a.example]'],
  ])('a label may name the host of the link: %s', (text, expected) => {
    expect(short(text)).toBe(expected)
  })

  it('does not let a link look like another one', () => {
    expect(short('[https://bank.example](https://evil.example)')).not.toMatch(/\[https:\/\/bank\.example h/)
    expect(short('[www.bank.example](https://evil.example)')).toMatch(/^\[www\.bank\.example\]\(/)
  })
})

describe('blocks', () => {
  it.each([
    ['a\n\nb', 'a\n\nb'],
    ['> a\n> *b*\nc', '<quote a\n<italic b>>|c'],
    ['```\n*a*\n> b\n```\nc', '<fence *a*\n> b>|c'],
    ['```js\nx', '<fence x>'],
    ['```\n```', '<fence >'],
    ['```not a fence``` here', '``<code not a fence>`` here'],
  ])('%j', (text, expected) => {
    expect(short(text)).toBe(expected)
  })
})

it('withoutMarks returns the text without its marks', () => {
  const text =
    '**b _i_** `c` [label](https://a.example) https://b.example @Ann\n> quote\n```js\nx * y\n```\n*open'
  expect(withoutMarks(text)).toBe('b i c label https://b.example @Ann\nquote\nx * y\n*open')
})

describe('any text', () => {
  const piece = fc.constantFrom(
    ...[
      '**',
      '*',
      '_',
      '`',
      '```',
      '\n',
      '> ',
      '[a](',
      'https://a.b/',
      ')',
      '(',
      '@',
      ' ',
      'é',
      '😀',
      'h',
      '\ud800',
    ],
  )
  const marked = fc
    .array(fc.oneof(piece, fc.string({ unit: 'binary' })), { maxLength: 60 })
    .map(all => all.join(''))

  it('is completely in the tree', () => {
    fc.assert(
      fc.property(marked, text => {
        expect(write(readMarkdown(text))).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['*', '**a', '_a ', '`', '[', '[a](', 'http://a.', '@', '> ', '```\n', '*a_', 'https://a(', ')'])(
    'of %j over and over takes no time to speak of',
    unit => {
      const text = unit.repeat(Math.ceil(40_000 / unit.length))
      const before = process.threadCpuUsage()
      expect(write(readMarkdown(text))).toBe(text)
      expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(1000)
    },
  )
})
