/**
 * The API of the npm package `ws` 8, on the packages of this repository.
 * @module @ws/compat
 */

export * from './exports.ts'
// biome-ignore lint/style/noDefaultExport: programs import it as the default export of `ws`.
export { WebSocket as default, WebSocket as 'module.exports' } from './exports.ts'
