// Whether this Node is new enough for the chat. Imports nothing, so that it can be asked before a
// module that an older Node lacks.

/** The first Node whose `node:sqlite` the chat relies on. */
const LEAST_NODE = '24.15.0'

/**
 * An error of one line for a version of Node that is too old; undefined otherwise. `version` is
 * without the "v".
 */
export function complainOfNode(version: string): string | undefined {
  if (isAtLeast(version, LEAST_NODE)) return undefined
  return `ws-chat needs Node ${LEAST_NODE} or newer, and this is Node ${version}`
}

/** A nightly build (`24.15.0-nightly…`) counts as its version. */
function isAtLeast(version: string, least: string): boolean {
  const [have, need] = [numbersOf(version), numbersOf(least)]
  const place = need.findIndex((number, i) => have[i] !== number)
  return place === -1 || (have[place] ?? 0) > need[place]!
}

function numbersOf(version: string): number[] {
  return version.split('.', 3).map(part => Number.parseInt(part, 10))
}
