export { default } from '../../vitest.portable.ts'
