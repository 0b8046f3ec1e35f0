// Which form of a file a client would rather have, by its Accept-Encoding (RFC 9110 §12.5.3). Only two are on offer: gzip and as it is.

/**
 * Whether gzip is accepted, and not less welcome than the file as it is. Without the field, or where it makes no sense, false: every
 * client can read a file as it is.
 */
export function prefersGzip(field: string | undefined): boolean {
  const weights = readWeights(field ?? '')
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0)
}

/** The codings by name, in small letters, with their weights from 0 to 1. What is malformed is left out. */
function readWeights(field: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const item of field.toLowerCase().split(',')) {
    const [, coding, weight = '1'] =
      /^[ \t]*([^\s;]+)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*$/.exec(item) ?? []
    if (coding !== undefined) weights.set(coding, Number(weight))
  }
  return weights
}
