// The built page in the browsers that it supports, by MDN's data about them.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BROWSERS, TARGETS } from '../../page/browsers.ts'
import { findScriptFaults, findStyleFaults } from './compatibility.ts'
import { PAGE } from './scene.ts'

/** Without these the page looks or scrolls a little differently, and works. */
const ENHANCEMENTS = [
  'box-decoration-break',
  'cursor',
  'field-sizing', // composer.ts sets the height itself
  'forced-color-adjust',
  'overflow-anchor', // a browser without it does not anchor at all
  'overscroll-behavior',
  'resize',
  'scrollbar-color',
  'scrollbar-width',
  'text-size-adjust',
  'text-wrap',
]

/** A member of a message of the subprotocol. */
const MESSAGE_MEMBER = /^\.(?:reconnect|to):/

function read(extension: string): string {
  const files = readdirSync(join(PAGE, 'assets')).filter(name => name.endsWith(extension))
  return files.map(name => readFileSync(join(PAGE, 'assets', name), 'utf8')).join('\n')
}

it('the script of the page uses only features of all supported browsers', async () => {
  const faults = await findScriptFaults(read('.js'), BROWSERS, TARGETS)
  expect(faults.filter(fault => !MESSAGE_MEMBER.test(fault))).toEqual([])
})

it('the style sheet of the page uses only features of all supported browsers', () => {
  const faults = findStyleFaults(read('.css'), BROWSERS)
  expect(faults.filter(fault => !ENHANCEMENTS.some(name => fault.startsWith(`${name}:`)))).toEqual([])
})

it('a feature that a supported browser lacks is found in a script', async () => {
  const faults = (code: string) =>
    findScriptFaults(code, { safari: '16.4', firefox: '121' }, ['safari16.4', 'firefox121'])
  expect(await faults('URL.parse(text)')).toEqual(['URL.parse: safari 16.4, firefox 121'])
  expect(await faults('/[a--b]/v.test(text)')).toContain('/v: safari 16.4')
  expect(await faults('list.flatMap(each => each?.toWellFormed() ?? null)')).toEqual([])
  expect(await faults('Object.groupBy(list, key)')).toContain('Object.groupBy: safari 16.4')
  expect(await faults('using file = open()')).toContain('syntax: VariableDeclaration')
})

it('a feature that a supported browser lacks is found in a style sheet', () => {
  const faults = (css: string) => findStyleFaults(css, { safari: '16.4' })
  expect(faults('a{color:red;field-sizing:content}')).toEqual([
    'field-sizing: content: safari 16.4',
    'field-sizing: safari 16.4',
  ])
  expect(faults('a:has(b){color:light-dark(red,blue)}')).toEqual(['light-dark(): safari 16.4'])
})

it('the README names the supported browsers', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  expect(readme).toContain(
    `Chrome and Edge ${BROWSERS.chrome}, Firefox ${BROWSERS.firefox} and Safari ${BROWSERS.safari}, or newer`,
  )
})
