import { describe, expect, it } from 'vitest'
import { EXAMPLE } from './example.ts'
import { createSections, fillIn, findDisagreements } from './report.ts'

const document = `# Title

<!-- bench:one -->
old
<!-- /bench -->

Between.

<!-- bench:two -->
<!-- /bench -->
`

describe('fillIn', () => {
  const sections = { one: 'new $& one', two: '| a |' }

  it('writes what stands between the markers anew, and nothing else', () => {
    expect(fillIn(document, sections)).toBe(`# Title

<!-- bench:one -->

new $& one

<!-- /bench -->

Between.

<!-- bench:two -->

| a |

<!-- /bench -->
`)
  })

  it('can be done again', () => {
    const once = fillIn(document, sections)
    expect(fillIn(once, sections)).toBe(once)
  })

  it('has no section of another name', () => {
    expect(() => fillIn(document, { one: '' })).toThrow('there is no section two; there are one')
  })

  it.each([
    '<!-- bench:one -->\n',
    '<!-- bench:one -->\n<!-- bench:two -->\n<!-- /bench -->\n',
    '<!-- /bench -->\n',
  ])('does not guess where a section ends: %j', unfinished => {
    expect(() => fillIn(unfinished, sections)).toThrow('must have a <!-- /bench -->')
  })
})

describe('createSections', () => {
  it('has the goals, and those that are missed', () => {
    const { goals, missed } = createSections(new Map([['example', EXAMPLE]]))
    expect(goals).toContain(
      '| an example: messages per second | theirs | 2.00 × | 1.90 × – 2.10 × | ≥ 5.00 × | ≥ 10.0 × | missed |',
    )
    expect(missed).toBe('- an example: messages per second, against theirs: 2.00 × where 5.00 × was the goal')
  })

  it('has a table for each result, and says what its marks mean', () => {
    const { example } = createSections(new Map([['example', EXAMPLE]]))
    expect(example).toContain(
      '**An example.** `pnpm bench example`: medians of 2 rounds, 2026-01-02, abc1234.',
    )
    expect(example).toContain('| 100 connections | theirs | 100* |')
    expect(example).toContain('\\* The load’s core was full')
  })

  it('has the machine, who took part and who did not', () => {
    const { machine } = createSections(new Map([['example', EXAMPLE]]))
    expect(machine).toContain(
      'A processor, 2 cores, 8 GiB; Linux. Measured on 2026-01-02, at commit abc1234.',
    )
    expect(machine).toContain('- **ours**: ours 1.0\n- **theirs**: theirs 2.0')
    expect(machine).toContain('absent was left out: it is not there.')
    expect(machine).not.toContain('quick')
  })

  it('says what has not been measured', () => {
    const sections = createSections(new Map([['example', undefined]]))
    expect(sections).toEqual({
      machine: 'Nothing has been measured yet.',
      goals: 'Nothing has been measured yet.',
      missed: 'Nothing has been measured yet.',
      example: 'Not measured yet: `pnpm bench example`.',
    })
  })

  it('says when figures are not to be quoted', () => {
    const { machine } = createSections(new Map([['example', { ...EXAMPLE, quick: true }]]))
    expect(machine).toContain('not to be quoted')
  })
})

describe('findDisagreements', () => {
  it('says nothing of results that belong together', () => {
    expect(findDisagreements([EXAMPLE, EXAMPLE])).toEqual([])
  })

  it('names commits and machines', () => {
    const other = { ...EXAMPLE, commit: 'def5678', machine: { ...EXAMPLE.machine, cores: 64 } }
    expect(findDisagreements([EXAMPLE, other])).toEqual([
      'The results are of several commits: abc1234; def5678.',
      'The results are of several machines: A processor, 2, 8 GiB, Linux; A processor, 64, 8 GiB, Linux.',
    ])
  })
})
