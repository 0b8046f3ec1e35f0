// The supported browsers. The build compiles for them, a test checks the built page against MDN's
// data, and the README names them.

/** The lowest version of each browser that the page supports, by its name in MDN's data. */
export const BROWSERS = {
  chrome: '111',
  edge: '111',
  firefox: '121',
  safari: '16.4',
  safari_ios: '16.4',
} as const

/** The same, as the build names them. */
export const TARGETS: string[] = Object.entries(BROWSERS).map(
  ([name, version]) => name.replace('safari_ios', 'ios') + version,
)
