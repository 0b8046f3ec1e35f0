import { describe, expect, test } from 'vitest'
import { resolveRoute } from '../options/route-options.ts'
import type { PathPattern } from '../path-template.ts'
import { Router } from './router.ts'

function numbered(maxFragments: number) {
  return resolveRoute({ maxFragments })
}

function prefix(text: string): PathPattern {
  return {
    exec: ({ pathname }) => (pathname.startsWith(text) ? { pathname: { groups: { rest: pathname } } } : null),
  }
}

describe('Router', () => {
  test('finds no route when none was added', () => {
    expect(new Router().find('/')).toBe(undefined)
  })

  test('prefers an exact path to the first matching pattern, and that to the default route', () => {
    const routes = new Router()
    const [a, b, c, d] = [numbered(1), numbered(2), numbered(3), numbered(4)]
    routes.add(prefix('/a'), b)
    routes.add(prefix('/'), c)
    routes.add('/a/x', a)
    expect(routes.find('/a/x')).toEqual({ route: a, params: {} })
    expect(routes.find('/a/y')).toEqual({ route: b, params: { rest: '/a/y' } })
    expect(routes.find('/y')).toEqual({ route: c, params: { rest: '/y' } })
    expect(routes.find('*')).toBe(undefined)
    routes.setRest(d)
    expect(routes.find('*')).toEqual({ route: d, params: {} })
    expect(routes.find('/y')?.route).toBe(c)
    routes.setRest(undefined)
    expect(routes.find('*')).toBe(undefined)
  })

  test('H13: does not find paths named like properties of Object.prototype', () => {
    const routes = new Router()
    routes.add('/a', numbered(1))
    for (const path of ['__proto__', '/__proto__', 'constructor', 'toString']) {
      expect(routes.find(path)).toBe(undefined)
    }
  })

  test('throws for a path that is invalid, cannot be requested, or has a route already', () => {
    const routes = new Router()
    routes.add('/', numbered(1))
    routes.add('/%C3%BC//..', numbered(1))
    expect(() => routes.add('/ü', numbered(1))).toThrow('ASCII from / on, without ? and #, not "/ü"')
    expect(() => routes.add('a', numbered(1))).toThrow(TypeError)
    expect(() => routes.add('/?a', numbered(1))).toThrow(TypeError)
    expect(() => routes.add({} as PathPattern, numbered(1))).toThrow(TypeError)
    expect(() => routes.add('/', numbered(1))).toThrow('there is a route for / already')
  })
})
