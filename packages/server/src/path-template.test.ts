import { expect, test } from 'vitest'
import { compileTemplate } from './path-template.ts'

test.each<[template: string, path: string, params: Record<string, string> | undefined]>([
  ['/rooms/:id', '/rooms/7', { id: '7' }],
  ['/rooms/:id', '/rooms/r%C3%A9d%2Fblue', { id: 'réd/blue' }],
  ['/rooms/:id', '/rooms/', undefined],
  ['/rooms/:id', '/rooms', undefined],
  ['/rooms/:id', '/rooms/7/', undefined],
  ['/rooms/:id', '/rooms/7/8', undefined],
  ['/rooms/:id', '/Rooms/7', undefined],
  ['/rooms/:id', '/rooms/%', undefined],
  ['/rooms/:id', '/rooms/%FF', undefined],
  ['/rooms/:id', '//rooms/7', undefined],
  ['/:a/x/:b', '/1/x/2', { a: '1', b: '2' }],
  ['/:a/x/:b', '/1/y/2', undefined],
  ['/files/*', '/files/a/b%20c', { '*': 'a/b c' }],
  ['/files/*', '/files/', { '*': '' }],
  ['/files/*', '/files', undefined],
  ['/files/*', '/files/%E0%A4%A', undefined],
  ['/:user/*', '/ann/a', { user: 'ann', '*': 'a' }],
  ['/*', '/', { '*': '' }],
  ['/*', '*', undefined],
  ['/*/:id', '/*/7', { id: '7' }],
  ['/*/:id', '/a/7', undefined],
  ['/a:b/:id', '/a:b/7', { id: '7' }],
  ['/:__proto__', '/x', { ['__proto__']: 'x' }],
])('the template %s finds in %s the parameters %j', (template, path, params) => {
  const found = compileTemplate(template)!.exec({ pathname: path })
  expect(found === null ? undefined : Object.entries(found.pathname.groups)).toEqual(
    params && Object.entries(params),
  )
})

test.each(['/', '/rooms', '/a:b', '/*/a', '/a*', '/**'])('%s has no parameters', path => {
  expect(compileTemplate(path)).toBe(undefined)
})

test.each(['/:', '/:1', '/:a-b', '/:a.json', '/x/:a?', '/:a*'])('throws for the name in %s', path => {
  expect(() => compileTemplate(path)).toThrow(TypeError)
  expect(() => compileTemplate(path)).toThrow('a parameter must be named by an identifier')
})

test('throws for a name that is used twice', () => {
  expect(() => compileTemplate('/:a/:a')).toThrow('must have different names, got "/:a/:a"')
})
