// What came of a run, for people: the score by file, and each change that no test noticed.

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
  readonly location: { readonly start: Position; readonly end: Position }
}

interface Position {
  readonly line: number
  readonly column: number
}

/** Changes to one line that no test can notice, or need notice, and why. */
export interface Explained {
  /** Below the package's `src`. */
  readonly file: string
  /** The line as it stands, without its indentation. */
  readonly line: string
  /** What stands there instead of a part of it. */
  readonly replacements: readonly string[]
  readonly why: string
}

/** The files of a package with their changes. */
type Files = Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>

/** A table by file and the changes that are left: those that no test noticed and nobody has explained. */
export function summarise(
  name: string,
  files: Files,
  explained: readonly Explained[],
): { readonly text: string; readonly left: number } {
  const rows: string[] = []
  const survivors: string[] = []
  let [allNoticed, allExplained, all] = [0, 0, 0]
  for (const [path, { source, mutants }] of Object.entries(files)) {
    const file = path.slice(path.indexOf('/src/') + '/src/'.length)
    const counted = mutants.filter(({ status }) => status !== 'Ignored' && !status.endsWith('Error'))
    const missed = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    const open = missed.filter(mutant => !isExplained(file, source, mutant, explained))
    const noticed = counted.length - missed.length
    allNoticed += noticed
    allExplained += missed.length - open.length
    all += counted.length
    rows.push(
      `| ${file} | ${counted.length} | ${noticed} | ${missed.length - open.length} | ${open.length} |`,
    )
    for (const mutant of open) {
      const { start } = mutant.location
      survivors.push(
        `${file}:${start.line}:${start.column} ${mutant.mutatorName}: ${oneLine(textOf(source, mutant))} → ${oneLine(mutant.replacement ?? '')}`,
      )
    }
  }
  const score = ((100 * (allNoticed + allExplained)) / Math.max(1, all)).toFixed(1)
  const noticedShare = ((100 * allNoticed) / Math.max(1, all)).toFixed(1)
  const text = [
    `@ws/${name}: ${allNoticed} of ${all} changes noticed (${noticedShare} %), ${allExplained} explained (with those ${score} %)`,
    '',
    '| file | changes | noticed | explained | left |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
    ...(survivors.length > 0 ? ['', ...survivors] : []),
  ].join('\n')
  return { text, left: survivors.length }
}

function isExplained(
  file: string,
  source: string,
  { location, replacement = '' }: Mutant,
  explained: readonly Explained[],
): boolean {
  const line = source.split('\n')[location.start.line - 1]!.trim()
  return explained.some(
    one => one.file === file && one.line === line && one.replacements.includes(replacement),
  )
}

function textOf(source: string, { location: { start, end } }: Mutant): string {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  const last = lines.length - 1
  lines[last] = lines[last]!.slice(0, end.column - 1)
  lines[0] = lines[0]!.slice(start.column - 1)
  return lines.join('\n')
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 77)}…` : line
}
