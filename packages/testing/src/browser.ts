// A real browser for tests, where the machine has one: playwright-core drives the Chromium that is installed and downloads
// nothing. Knows no page and no test runner; playwright itself is loaded only when a browser is launched.

import type { Browser } from 'playwright-core'
import { findProgram } from './find-program.ts'

export type { Browser, Page } from 'playwright-core'

/** A test runner's `describe`, as far as this file uses it. */
export type Describe = (name: string, body: () => void) => unknown

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/**
 * The Chromium to test with: `CHROMIUM` of the environment, unchecked (a wrong one fails loudly at launch), else the first
 * of chromium, chromium-browser and google-chrome on PATH. Undefined where there is none.
 */
export function chromiumPath(): string | undefined {
  return process.env.CHROMIUM || findProgram(NAMES)
}

/**
 * Starts that Chromium without a window, and quiet: no update, no sync, nothing on the network that a test did not ask for.
 * The caller closes it (`await using` does). Throws where there is none: see {@link inChromium}.
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error('no Chromium found; install it or set CHROMIUM')
  const { chromium } = await import('playwright-core')
  return chromium.launch({ executablePath, args: chromiumArguments() })
}

/**
 * `describe` where there is a Chromium; elsewhere one that skips its tests and says why:
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
  const always = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  // Chromium refuses to run as root inside its sandbox; every other user keeps the sandbox.
  return process.getuid?.() === 0 ? ['--no-sandbox', ...always] : always
}
