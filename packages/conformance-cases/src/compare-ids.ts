/** Compares two case ids part by part: `9.2` is before `9.10`, and numbers are before letters. */
export const compareIds: (a: string, b: string) => number = new Intl.Collator('en', { numeric: true }).compare
