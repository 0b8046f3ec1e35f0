// The skeleton of a name, which is the same for names that look alike (UTS #39 §4).

import unhomoglyph from 'unhomoglyph'
import { normalForm } from './normal-form.ts'

/** Characters that may draw nothing. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu

/**
 * The skeleton of a text, in whichever case it is confusable. Only for comparing with other
 * skeletons. Unlike that of the standard, it tells m from rn: both are common in names.
 */
export function lookOf(text: string): string {
  const skeleton = skeletonOf(skeletonOf(normalForm(text, 'NFKC')).toLowerCase())
  return skeleton.replace(/\s+/gu, ' ')
}

function skeletonOf(text: string): string {
  return text.replace(INVISIBLE, '').normalize('NFD').split('m').map(unhomoglyph).join('m').normalize('NFD')
}
