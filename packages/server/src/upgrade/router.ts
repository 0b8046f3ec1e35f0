// Finds the route of a path.

import { parseTarget } from '@ws/handshake'
import type { Route } from '../options/route-options.ts'

/**
 * A `URLPattern` with only a pathname, or anything else that finds the parameters of a path. A
 * `URLPattern` sees the path as a URL has it: `/a/../b` is `/b`.
 */
export interface PathPattern {
  /** The parameters of a path that matches, otherwise null. */
  exec(input: {
    pathname: string
  }): { readonly pathname: { readonly groups: Record<string, string | undefined> } } | null
}

/** A route, and the parameters that its pattern found in the path. */
export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string | undefined>>
}

const NO_PARAMS = {}

/** The routes of a server. */
export class Router {
  readonly #exact = new Map<string, Route>()
  readonly #patterns: { readonly pattern: PathPattern; readonly route: Route }[] = []
  #rest: Route | undefined

  /**
   * Throws a `TypeError` for an invalid path or pattern, and an `Error` for a path that has a
   * route.
   */
  add(path: string | PathPattern, route: Route): void {
    if (typeof path === 'string') {
      if (parseTarget(path)?.path !== path) {
        throw new TypeError(
          `a path is what requests ask for, literally: ASCII from / on, without ? and #, not ${JSON.stringify(path)}`,
        )
      }
      if (this.#exact.has(path)) throw new Error(`there is a route for ${path} already`)
      this.#exact.set(path, route)
    } else if (typeof path?.exec === 'function') this.#patterns.push({ pattern: path, route })
    else throw new TypeError('a route is for a path or for a URLPattern')
  }

  /** Sets the route of all paths without one; undefined for none. */
  setRest(route: Route | undefined): void {
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
