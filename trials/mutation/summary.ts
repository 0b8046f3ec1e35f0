// What came of a run, counted: what was noticed, what is explained, what is left. Knows not how that is shown.

/** The outcome of a run, as Stryker writes it: the files by their paths, each with its changes, and those of the tests. */
export interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>
  readonly testFiles: Readonly<Record<string, { readonly tests: readonly { readonly name: string }[] }>>
}

/** A change, and what came of it. */
export interface Mutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status:
    | 'Killed'
    | 'Survived'
    | 'NoCoverage'
    | 'Timeout'
    | 'CompileError'
    | 'RuntimeError'
    | 'Ignored'
    | 'Pending'
  readonly location: { readonly start: Position; readonly end: Position }
}

interface Position {
  readonly line: number
  readonly column: number
}

/** Changes to one line that no test can notice, or need notice, and why. */
export interface Explained {
  /** The package and the file below its `src`: `frame/mask.ts`. */
  readonly file: string
  /** The line as it stands, without its indentation. */
  readonly line: string
  /** What stands there and what stands there instead, `a < b → a <= b`, as a run prints it. */
  readonly changes: readonly string[]
  readonly why: string
}

/** How many changes there were, and what came of them: each is noticed, explained or left. */
export interface Counts {
  readonly changes: number
  readonly noticed: number
  /** Of those noticed: the tests did not end. */
  readonly timedOut: number
  readonly explained: number
  readonly left: number
}

/** What came of a package. */
export interface Summary {
  readonly name: string
  /** By file below `src`. */
  readonly files: ReadonlyMap<string, Counts>
  readonly total: Counts
  /** Changes that no test noticed and nobody has explained, a line each. */
  readonly left: readonly string[]
  /** Explanations that something was in need of, with those changes only. */
  readonly explained: readonly Explained[]
  /** Changes with an explanation that nothing was in need of: a test notices them, or the line has changed. A line each. */
  readonly idle: readonly string[]
}

/** Counts what came of the package of that name. */
export function summarise(name: string, { files }: Report, explained: readonly Explained[]): Summary {
  const ours = explained.filter(({ file }) => file.startsWith(`${name}/`))
  const used = new Map(ours.map(entry => [entry, new Set<string>()]))
  const counts = new Map<string, Counts>()
  const left: string[] = []
  for (const [path, { source, mutants }] of Object.entries(files)) {
    const file = path.slice(path.indexOf('/src/') + '/src/'.length)
    const lines = source.split('\n')
    const all = mutants.filter(({ status }) => status !== 'Ignored' && !status.endsWith('Error'))
    const missed = all.filter(({ status }) => status !== 'Killed' && status !== 'Timeout')
    const open = missed.filter(mutant => {
      const { line } = mutant.location.start
      const change = writeChange(lines, mutant)
      const entry = ours.find(
        one =>
          one.file === `${name}/${file}` &&
          one.line === lines[line - 1]!.trim() &&
          one.changes.includes(change),
      )
      used.get(entry!)?.add(change)
      return entry === undefined
    })
    for (const mutant of open) {
      const { line, column } = mutant.location.start
      left.push(`${name}/${file}:${line}:${column} ${mutant.mutatorName}: ${writeChange(lines, mutant)}`)
    }
    counts.set(file, {
      changes: all.length,
      noticed: all.length - missed.length,
      timedOut: all.filter(({ status }) => status === 'Timeout').length,
      explained: missed.length - open.length,
      left: open.length,
    })
  }
  return {
    name,
    files: counts,
    total: add([...counts.values()]),
    left,
    explained: ours
      .map(entry => ({ ...entry, changes: entry.changes.filter(change => used.get(entry)!.has(change)) }))
      .filter(({ changes }) => changes.length > 0),
    idle: ours.flatMap(entry =>
      entry.changes
        .filter(change => !used.get(entry)!.has(change))
        .map(change => `${entry.file}: ${change} in: ${entry.line}`),
    ),
  }
}

/** The names of the tests that were run. */
export function testsOf({ testFiles }: Report): string[] {
  return Object.values(testFiles).flatMap(({ tests }) => tests.map(({ name }) => name))
}

/** The sum of each count. */
export function add(counts: readonly Counts[]): Counts {
  const sum = (key: keyof Counts) => counts.reduce((so, one) => so + one[key], 0)
  return {
    changes: sum('changes'),
    noticed: sum('noticed'),
    timedOut: sum('timedOut'),
    explained: sum('explained'),
    left: sum('left'),
  }
}

function writeChange(
  lines: readonly string[],
  { location: { start, end }, replacement = '' }: Mutant,
): string {
  const text = lines.slice(start.line - 1, end.line)
  const last = text.length - 1
  text[last] = text[last]!.slice(0, end.column - 1)
  text[0] = text[0]!.slice(start.column - 1)
  return `${shorten(text.join('\n'))} → ${shorten(replacement)}`
}

/** On one line, and not longer than that. */
function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 77)}…` : line
}
