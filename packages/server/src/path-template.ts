// Patterns of paths, and paths with parameters, such as `/rooms/:id`.

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

/** The parameters that a path without a literal type, or a pattern object, may find. */
export type AnyParams = Readonly<Record<string, string | undefined>>

/** The parameters of a path: `{ id: string }` for `'/rooms/:id'`, and `'*'` for the rest. */
export type ParamsOf<Path extends string | PathPattern> = Path extends string
  ? string extends Path
    ? AnyParams
    : { readonly [Name in ParamNames<Path>]: string }
  : AnyParams

type ParamNames<Path extends string> = NamesIn<Path> | (Path extends `${string}/*` ? '*' : never)

type NamesIn<Path extends string> = Path extends `${infer Head}/${infer Tail}`
  ? NamesIn<Head> | NamesIn<Tail>
  : Path extends `:${infer Name}`
    ? Name
    : never

const NAME = /^[A-Za-z_]\w*$/

/**
 * A pattern for a path that has segments such as `:id`, or ends with the segment `*`; undefined for
 * a path without parameters. A parameter is one segment, not empty; `*` is the rest of the path,
 * possibly empty. Both are decoded; a path with an invalid escape in a parameter does not match.
 * Throws a `TypeError` for a name that is not an identifier or is used twice.
 */
export function compileTemplate(path: string): PathPattern | undefined {
  const segments = path.split('/')
  const takesRest = segments.at(-1) === '*'
  if (takesRest) segments.pop()
  const names = segments.filter(segment => segment.startsWith(':')).map(segment => segment.slice(1))
  if (names.length === 0 && !takesRest) return undefined
  for (const name of names) {
    if (!NAME.test(name))
      throw new TypeError(`a parameter must be named by an identifier, as in /rooms/:id, got ":${name}"`)
  }
  if (new Set(names).size < names.length)
    throw new TypeError(`the parameters of a path must have different names, got ${JSON.stringify(path)}`)
  return {
    exec({ pathname }) {
      const parts = pathname.split('/')
      if (takesRest ? parts.length <= segments.length : parts.length !== segments.length) return null
      const groups = Object.create(null) as Record<string, string>
      for (const [i, segment] of segments.entries()) {
        const part = parts[i]!
        if (!segment.startsWith(':')) {
          if (part !== segment) return null
          continue
        }
        const value = decode(part)
        if (!value) return null
        groups[segment.slice(1)] = value
      }
      if (takesRest) {
        const rest = decode(parts.slice(segments.length).join('/'))
        if (rest === undefined) return null
        groups['*'] = rest
      }
      return { pathname: { groups } }
    },
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
