// Launches an installed Chromium for tests, with playwright-core, which downloads nothing.

import type { Browser } from 'playwright-core'
import { findProgram } from './find-program.ts'

export type { Browser, Page } from 'playwright-core'

export type Describe = (name: string, body: () => void) => unknown

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/**
 * The path in the environment variable `CHROMIUM`, unchecked, or the first of chromium,
 * chromium-browser and google-chrome on PATH, or undefined.
 */
export function chromiumPath(): string | undefined {
  return process.env.CHROMIUM || findProgram(NAMES)
}

/**
 * Starts Chromium headless, without background requests. The caller must close it (`await using`
 * does). Throws an `Error` if none is installed.
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error('no Chromium found; install it or set CHROMIUM')
  const { chromium } = await import('playwright-core')
  return chromium.launch({ executablePath, args: chromiumArguments() })
}

/**
 * Returns `describe`, or a version that skips its tests with a warning if no Chromium is installed:
 * `inChromium(describe)('the page', () => { … })`.
 */
export function inChromium(describe: Describe & { readonly skip: Describe }): Describe {
  if (chromiumPath() !== undefined) return describe
  return (name, body) => {
    console.warn(`${name}: skipped: no Chromium found; install it or set CHROMIUM`)
    return describe.skip(name, body)
  }
}

function chromiumArguments(): string[] {
  const common = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  // As root, Chromium does not start with its sandbox.
  return process.getuid?.() === 0 ? ['--no-sandbox', ...common] : common
}
