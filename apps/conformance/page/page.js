// Shows the data of the report: totals, the table of cases, and the wire view of one case.

const { agents, cases, reports } = JSON.parse(document.getElementById('data').textContent)
const byCase = new Map(cases.map(({ id }) => [id, []]))
for (const report of reports) byCase.get(report.id)[report.agent] = report

const CLASSES = { OK: 'ok', 'NON-STRICT': 'loose', INFORMATIONAL: 'info', UNIMPLEMENTED: 'info' }
const ORDER = ['OK', 'NON-STRICT', 'FAILED', 'INFORMATIONAL', 'UNIMPLEMENTED']
const OPCODES = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' }

/** An element with attributes and children; strings become text. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

function badge(verdict, prefix = '') {
  return element('span', { class: `verdict ${CLASSES[verdict] ?? 'bad'}` }, `${prefix}${verdict}`)
}

function showTotals() {
  const counts = agents.map((_, agent) => {
    const found = {}
    for (const report of reports)
      if (report.agent === agent) found[report.behavior] = (found[report.behavior] ?? 0) + 1
    return found
  })
  const used = ORDER.filter(verdict => counts.some(count => count[verdict] !== undefined))
  const head = element('tr', {}, element('th', { scope: 'col' }, 'Implementation'))
  for (const verdict of used) head.append(element('th', { scope: 'col' }, badge(verdict)))
  const body = element('tbody')
  agents.forEach((agent, i) => {
    const row = element('tr', {}, element('th', { scope: 'row' }, agent))
    for (const verdict of used) row.append(element('td', {}, String(counts[i][verdict] ?? '')))
    body.append(row)
  })
  document.getElementById('totals').append(element('thead', {}, head), body)
  document.getElementById('summary').textContent =
    `${cases.length} cases, ${agents.length} ${agents.length === 1 ? 'implementation' : 'implementations'}. Select a verdict to see what was sent and received.`
}

function isRight({ behavior, behaviorClose }) {
  return (behavior === 'OK' && behaviorClose === 'OK') || behavior === 'INFORMATIONAL'
}

function showCases() {
  const search = document.getElementById('search').value.toLowerCase()
  const onlyDifferences = document.getElementById('differences').checked
  const head = element('tr', {}, element('th', { scope: 'col' }, 'Case'), element('th', { scope: 'col' }, ''))
  for (const agent of agents) head.append(element('th', { scope: 'col' }, agent))
  const body = element('tbody')
  let group
  for (const each of cases) {
    const found = byCase.get(each.id)
    if (onlyDifferences && found.every(isRight)) continue
    const text = `${each.id} ${each.title} ${each.group} ${each.rfc} ${each.requirement}`.toLowerCase()
    if (!text.includes(search)) continue
    if (each.group !== group) {
      group = each.group
      body.append(element('tr', { class: 'group' }, element('th', { colspan: 2 + agents.length }, group)))
    }
    const row = element('tr', {}, element('td', { class: 'id' }, each.id), element('td', {}, each.title))
    for (const agent of agents.keys()) row.append(verdictCell(each, found[agent]))
    body.append(row)
  }
  document.getElementById('cases').replaceChildren(element('thead', {}, head), body)
}

function verdictCell(each, report) {
  const cell = element('td', { class: 'cell' })
  if (report === undefined) return cell
  const { behavior, behaviorClose } = report
  const button = element(
    'button',
    { class: `verdict ${CLASSES[behavior] ?? 'bad'}`, type: 'button' },
    behavior,
  )
  button.addEventListener('click', () => showView(each, report))
  cell.append(button)
  if (behaviorClose !== 'OK' && behaviorClose !== 'INFORMATIONAL' && behaviorClose !== behavior)
    cell.append(badge(behaviorClose, 'close: '))
  return cell
}

function showView(each, report) {
  const facts = [
    ['Implementation', agents[report.agent]],
    ['Standard', each.rfc],
    ['It asks', each.requirement],
    ['Expected', report.expectation],
    ['Verdict', report.result],
    ['Closing', report.resultClose],
    ['Duration', `${report.duration} ms`],
    ['Close codes', `sent ${report.localCloseCode ?? 'none'}, received ${report.remoteCloseCode ?? 'none'}`],
  ]
  const list = element('dl')
  for (const [name, value] of facts) list.append(element('dt', {}, name), element('dd', {}, value))
  const heads = element('details', {}, element('summary', {}, 'Opening handshake'))
  for (const text of [report.request, report.response]) if (text) heads.append(element('pre', {}, text))
  const content = document.getElementById('view-content')
  content.replaceChildren(
    element('h2', { id: 'view-title' }, `${each.id} ${each.title}`),
    element('p', {}, badge(report.behavior), badge(report.behaviorClose, 'close: ')),
    list,
    wireView(report.wirelog),
    heads,
  )
  document.getElementById('view').showModal()
}

function wireView(entries) {
  const list = element('ul', { class: 'wire' })
  list.append(
    element('li', { class: 'heads between' }, element('span', {}, 'tester'), element('span', {}, 'peer')),
  )
  for (const entry of entries) {
    const [kind] = entry
    if (kind === 'TF') list.append(element('li', { class: 'sent' }, frameText(entry, entry[5])))
    else if (kind === 'RF') list.append(element('li', { class: 'received' }, frameText(entry, entry[6])))
    else list.append(element('li', { class: 'between' }, noteText(entry)))
  }
  return list
}

function frameText([, [length, text], op, fin, rsv], mask) {
  const bits = rsv === 0 ? '' : `, reserved bits ${rsv.toString(2).padStart(3, '0')}`
  const key = mask === null ? '' : `, mask ${mask}`
  return `${OPCODES[op] ?? `opcode ${op}`}${fin ? '' : ', not final'}${bits}, ${length} octets${key}${length === 0 ? '' : `: ${text}`}`
}

function noteText([kind, value, label]) {
  if (kind === 'KL') return `the tester ends the case after ${value} s`
  if (kind === 'KLE') return 'the time is over: the tester ends the connection'
  if (kind === 'TI') return `the tester closes after ${value} s`
  if (kind === 'TIE') return 'the time is over: the tester closes'
  if (kind === 'CT') return `pause of ${value} s${label ? ` (${label})` : ''}`
  if (kind === 'CTE') return `end of the pause${value ? ` (${value})` : ''}`
  return value ? 'the log goes on' : 'the log is off while data flows'
}

document.getElementById('search').addEventListener('input', showCases)
document.getElementById('differences').addEventListener('change', showCases)
showTotals()
showCases()
