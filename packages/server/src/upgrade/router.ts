// Finds the route of a path.

import { parseTarget } from '@ws/handshake'
import type { ResolvedRoute } from '../options/route-options.ts'
import { type AnyParams, compileTemplate, type PathPattern } from '../path-template.ts'

/** A route, and the parameters that its pattern found in the path. */
export interface Match {
  readonly route: ResolvedRoute
  readonly params: AnyParams
}

const NO_PARAMS = {}

/** The routes of a server. */
export class Router {
  readonly #exact = new Map<string, ResolvedRoute>()
  readonly #patterns: { readonly pattern: PathPattern; readonly route: ResolvedRoute }[] = []
  /** The paths with parameters. */
  readonly #templates = new Set<string>()
  #rest: ResolvedRoute | undefined

  /**
   * Returns the pattern, unless the path is literal. Throws a `TypeError` for an invalid one, and an `Error` for a path that has a
   * route.
   */
  add(path: string | PathPattern, route: ResolvedRoute): PathPattern | undefined {
    if (typeof path === 'string') {
      if (parseTarget(path)?.path !== path) {
        throw new TypeError(
          `a path is what requests ask for, besides :parameters: ASCII from / on, without ? and #, not ${JSON.stringify(path)}`,
        )
      }
      const pattern = compileTemplate(path)
      if (this.#exact.has(path) || this.#templates.has(path))
        throw new Error(`there is a route for ${path} already`)
      if (pattern === undefined) {
        this.#exact.set(path, route)
        return undefined
      }
      this.#templates.add(path)
      this.#patterns.push({ pattern, route })
      return pattern
    }
    if (typeof path?.exec !== 'function')
      throw new TypeError('a route is for a path such as /rooms/:id, or for a URLPattern')
    this.#patterns.push({ pattern: path, route })
    return path
  }

  /** Sets the route of all paths without one; undefined for none. */
  setRest(route: ResolvedRoute | undefined): void {
    this.#rest = route
  }

  /**
   * The route of exactly this path, or of the first pattern that matches, or the one for the rest.
   */
  find(path: string): Match | undefined {
    const exact = this.#exact.get(path)
    if (exact !== undefined) return { route: exact, params: NO_PARAMS }
    for (const { pattern, route } of this.#patterns) {
      const found = pattern.exec({ pathname: path })
      if (found !== null) return { route, params: found.pathname.groups }
    }
    return this.#rest && { route: this.#rest, params: NO_PARAMS }
  }
}
