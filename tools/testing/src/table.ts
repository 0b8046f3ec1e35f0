// Rows and columns as text, for a terminal or for a document.

/** The first row is the heading. Every row has as many cells. */
export type Table = readonly (readonly string[])[]

/** With spaces between the columns; the first is set to the left, the others, which are numbers, to the right. */
export function formatTable(table: Table): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map(row => row[column]!.length)))
  return table
    .map(row =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** As Markdown, with so many columns of words before those of numbers. */
export function formatMarkdown(table: Table, words: number = 1): string {
  const [heading, ...rows] = table
  const rule = heading!.map((_, column) => (column < words ? '---' : '---:'))
  return [heading!, rule, ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}
