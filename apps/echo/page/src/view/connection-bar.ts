// The address, the state of the connection, and the forms that open and close it.

import { MAX_REASON_LENGTH } from '@ws/frame'
import type { Connection, Status } from '../connection/connection.ts'
import type { Echo } from '../connection/messages.ts'
import { isEcho, isHere, parseTarget, type Target, writeTarget } from '../connection/target.ts'
import { timeInWords, utf8 } from '../decode/words.ts'
import { find } from './element.ts'

/** The bar at the top of the page. */
export class ConnectionBar {
  readonly #address = find('address', HTMLInputElement)
  readonly #protocols = find('protocols', HTMLInputElement)
  readonly #state = find('state', HTMLElement)
  readonly #detail = find('detail', HTMLElement)
  readonly #echo = find('echo', HTMLElement)
  readonly #switch = find('switch', HTMLButtonElement)
  readonly #notice = find('notice', HTMLElement)
  readonly #closeForm = find('close-form', HTMLFormElement)
  readonly #closeProblem = find('close-problem', HTMLElement)

  constructor(connection: Connection) {
    find('target', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault()
      void connection.open(parseTarget(this.#address.value, this.#protocols.value))
    })
    const paths = find('paths', HTMLElement)
    paths.addEventListener('click', event => {
      const button = event.target instanceof Element ? event.target.closest('button') : null
      if (button?.dataset.path === undefined) return
      paths.hidePopover()
      void connection.open(parseTarget(button.dataset.path, this.#protocols.value))
    })
    this.#switch.addEventListener('click', () => {
      const { state } = connection.status
      if (state === 'closed') void connection.open(connection.target)
      else if (state !== 'closing') connection.close(1000)
    })
    this.#closeForm.addEventListener('submit', event => {
      event.preventDefault()
      this.#close(connection)
    })
  }

  /** Shows where the page connects to. */
  showTarget(target: Target): void {
    this.#address.value = target.address
    this.#protocols.value = target.protocols.join(', ')
    this.#echo.textContent = ''
    writeTarget(target)
  }

  /** Shows the state. */
  showStatus({ state, detail, hasFrames }: Status, target: Target): void {
    document.body.dataset.state = state
    this.#state.textContent = {
      connecting: 'Connecting',
      open: 'Open',
      closing: 'Closing',
      closed: 'Closed',
    }[state]
    this.#detail.textContent = detail
    this.#switch.textContent = {
      connecting: 'Cancel',
      open: 'Disconnect',
      closing: 'Disconnect',
      closed: 'Reconnect',
    }[state]
    this.#switch.ariaDisabled = String(state === 'closing')
    this.#notice.hidden = hasFrames !== false
    this.#notice.textContent = isHere(target)
      ? 'This server does not record connections: you see messages, not frames. It does on loopback, or with --inspect.'
      : 'This is another server: a browser does not show its frames, so you see messages.'
  }

  /** Shows the time of an echo, and whether it is one. */
  showEcho({ time, difference }: Echo, target: Target): void {
    const isExpected = difference !== '' && isEcho(target)
    if (difference !== '' && !isExpected) return
    this.#echo.classList.toggle('bad', difference !== '')
    const strong = document.createElement('strong')
    strong.textContent = timeInWords(time)
    this.#echo.replaceChildren(
      'Echo ',
      strong,
      difference === '' ? ', identical' : `, different: ${difference}`,
    )
  }

  /** The way to a connection: the button that reconnects. */
  offerReconnect(): void {
    this.#switch.focus()
  }

  #close(connection: Connection): void {
    const code = Number(find('code', HTMLInputElement).value)
    const reason = find('reason', HTMLInputElement).value
    const isServer = find('closer', HTMLSelectElement).value === 'server'
    const problem = closeProblem(code, reason, isServer)
    this.#closeProblem.textContent = problem ?? ''
    if (problem !== undefined) return
    if (isServer && !connection.run({ do: 'close', code, reason })) {
      this.#closeProblem.textContent = 'The server can close only a connection that is open and recorded.'
      return
    }
    if (!isServer) connection.close(code, reason)
    find('closing', HTMLElement).hidePopover()
  }
}

/** What is wrong with a code and a reason. */
function closeProblem(code: number, reason: string, isServer: boolean): string | undefined {
  const size = utf8(reason).length
  if (size > MAX_REASON_LENGTH)
    return `The reason must have at most ${MAX_REASON_LENGTH} bytes; it has ${size}.`
  const isPrivate = code >= 3000 && code <= 4999
  const isStandard = isServer && ((code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014))
  if (Number.isInteger(code) && (isPrivate || isStandard || code === 1000)) return undefined
  return isServer
    ? 'The code must be 1000–1003, 1007–1014 or 3000–4999.'
    : 'A page may close with 1000 or with 3000–4999.'
}
