export { default } from '../../vitest.sockets.ts'
