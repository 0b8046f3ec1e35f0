export { concat, hex, utf8 } from './bytes.ts'
export { randomBytes, randomFrom } from './random.ts'
export { type Segmentation, segmentations } from './segmentations.ts'
