// A real browser for tests. playwright-core drives the installed Chromium and downloads nothing; it
// is loaded when a browser is launched.

import type { Browser } from 'playwright-core'
import { findProgram } from './find-program.ts'

export type { Browser, Page } from 'playwright-core'

/** The part of a test runner's `describe` that is used here. */
export type Describe = (name: string, body: () => void) => unknown

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/**
 * The path of Chromium: the environment variable `CHROMIUM`, else the first of chromium,
 * chromium-browser and google-chrome on PATH, or undefined.
 */
export function chromiumPath(): string | undefined {
  return process.env.CHROMIUM || findProgram(NAMES)
}

/**
 * Starts Chromium headless, without background network traffic. Close it, or use `await using`.
 * Throws if there is no Chromium; see {@link inChromium}.
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error('no Chromium found; install it or set CHROMIUM')
  const { chromium } = await import('playwright-core')
  return chromium.launch({ executablePath, args: chromiumArguments() })
}

/**
 * `describe` if there is a Chromium, else a `describe` that skips its tests and prints why:
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
  // Chromium does not run as root inside its sandbox.
  return process.getuid?.() === 0 ? ['--no-sandbox', ...always] : always
}
