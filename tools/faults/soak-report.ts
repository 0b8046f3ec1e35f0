// What a soak says, as text and as a picture.

import type { Account } from './server.ts'
import type { Outcome, Progress, Sample } from './soak-run.ts'

const MEBIBYTE = 2 ** 20

/** One line while it runs. */
export function formatProgress({ seconds, connections, networks, account }: Progress): string {
  const { stats } = account
  return [
    `${seconds.toFixed(0).padStart(5)} s`,
    `${connections} connections`,
    `${stats.messagesReceived} messages`,
    `${stats.refused} refused`,
    `faults: ${list(networks)}`,
    formatMemory(account),
    `${total(account.handles)} handles`,
  ].join(', ')
}

/** The whole story. */
export function formatReport(outcome: Outcome): string {
  const { seed, seconds, connections, networks, endings, start, warm, account, faults } = outcome
  const { stats } = account
  return [
    '',
    `${connections} connections in ${seconds.toFixed(0)} s (seed ${seed})`,
    `server: ${stats.opened} opened, ${stats.refused} refused, ${stats.messagesReceived} messages received, ${stats.messagesSent} sent, ${stats.errors} errors of handlers`,
    `networks: ${list(networks)}`,
    '',
    'how connections ended, as the peers saw it:',
    ...[...endings]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([peer, own]) => `  ${peer}: ${list(own)}`),
    '',
    'how sockets ended, as the server reported it:',
    ...Object.entries(account.endings)
      .toSorted(([, a], [, b]) => b - a)
      .map(([ending, count]) => `  ${String(count).padStart(7)}  ${ending}`),
    '',
    `memory without connections, behind a collection: ${formatMemory(start)} at the start, ${formatMemory(warm)} warm, ${formatMemory(account)} at the end`,
    `handles: ${total(start.handles)} at the start, ${total(account.handles)} at the end`,
    `uncaught: ${account.errors.length}`,
    faults.length === 0
      ? 'verdict: a plateau; nothing is left behind'
      : `verdict: FAILED\n  ${faults.join('\n  ')}`,
  ].join('\n')
}

/** Memory over time, as an SVG. */
export function drawMemory(samples: readonly Sample[]): string {
  const [width, height, margin] = [640, 240, 40]
  const last = samples.at(-1)?.seconds ?? 1
  const most = Math.max(MEBIBYTE, ...samples.map(({ heap, outside }) => Math.max(heap, outside)))
  const x = (seconds: number): number => margin + ((width - 2 * margin) * seconds) / last
  const y = (bytes: number): number => height - margin - ((height - 2 * margin) * bytes) / most
  const line = (color: string, value: (sample: Sample) => number): string => {
    const points = samples.map(sample => `${x(sample.seconds).toFixed(1)},${y(value(sample)).toFixed(1)}`)
    return `<polyline fill="none" stroke="${color}" points="${points.join(' ')}"/>`
  }
  const label = (at: number, from: number, text: string, color = '#444'): string =>
    `<text x="${at}" y="${from}" fill="${color}">${text}</text>`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    '<title>Memory of the server over time</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<path d="M${margin} ${margin}V${height - margin}H${width - margin}" fill="none" stroke="#888"/>`,
    label(4, margin, `${(most / MEBIBYTE).toFixed(0)} MiB`),
    label(width - 2 * margin, height - margin / 2, `${last.toFixed(0)} s`),
    line('#1f5fbf', ({ heap }) => heap),
    line('#bf5f1f', ({ outside }) => outside),
    label(margin + 10, margin - 16, 'heap, garbage included', '#1f5fbf'),
    label(margin + 200, margin - 16, 'arrayBuffers + external', '#bf5f1f'),
    '</svg>',
    '',
  ].join('\n')
}

function formatMemory({ heap, outside }: Account): string {
  return `heap ${(heap / MEBIBYTE).toFixed(1)} MiB + outside ${(outside / MEBIBYTE).toFixed(1)} MiB`
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}

function total(handles: Readonly<Record<string, number>>): number {
  return Object.values(handles).reduce((sum, count) => sum + count, 0)
}
