// Entering a month: a grid with last month and last year beside it, checked while typing,
// tried before it is sent. What is typed stays here until it has arrived.

import { get, Problem, write } from '../api.js'
import { keepDraft, readDraft } from '../drafts.js'
import { fill, h } from '../dom.js'
import { addMonths, day, figure, lastEndedMonth, monthLong, unitOf } from '../format.js'
import { fieldsOf, pasted, placed, readTyped, storedText } from '../entry.js'
import { language, named, t, word } from '../i18n.js'
import { explained, live } from '../live.js'
import { dialog, scrolling, toast } from '../parts.js'
import { me } from '../session.js'
import { statusMark } from '../status.js'
import { decisionActions } from './decisions.js'
import { itemsOf, scorecardHead } from './scorecards.js'

/**
 * @typedef {Schema<'EvaluatedItem'>} Item
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {Schema<'MonthOfCells'>} Month
 * @typedef {import('../entry.js').Typed} Typed
 * @typedef {{element: HTMLTableRowElement, update: (state: State) => void, show: () => void, item: Item, inputs: Map<string, HTMLInputElement>, fault: (field: string, text: string) => void}} Row
 * @typedef {{card: Scorecard, now: Month | undefined, before: Month | undefined, lastYear: Month | undefined, isEditable: boolean}} State
 */

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  const { id = '', month = '' } = context.parameters
  const base = `/v1/scorecards/${encodeURIComponent(id)}`
  /** @returns {Promise<[Scorecard, Schema<'Cells'>]>} */
  const load = async () => {
    // In this order: a revision that is older than the cells refuses to overwrite, a newer one would not.
    /** @type {Scorecard} */
    const card = await get(`${base}?month=${encodeURIComponent(month)}`, signal)
    const from = [addMonths(month, -12), card.start_month].sort()[1]
    return [card, await get(`${base}/actuals?from=${from}&to=${month}`, signal)]
  }
  /** @type {ReturnType<typeof page> | null} */
  let drawn = null
  const refresh = await live(context, load, ([card, cells]) => {
    const of = (/** @type {string} */ month) => cells.months.find(found => found.month === month)
    const now = of(month)
    const state = {
      card, now, before: of(addMonths(month, -1)), lastYear: of(addMonths(month, -12)),
      isEditable: ['national', 'hub'].includes(me()?.role ?? '') && now?.state !== 'approved',
    }
    context.setTitle(`${t('entry.title', { month: monthLong(month) })} ${named(card.name)}`)
    drawn ??= page(outlet, state, month, () => refresh())
    drawn(state)
  })
}

/**
 * Draws the page once; what it returns brings it up to date without touching what is typed.
 * @param {HTMLElement} outlet @param {State} first @param {string} month @param {() => Promise<void>} refresh
 */
function page(outlet, first, month, refresh) {
  let state = first
  const draft = /** @type {Record<string, Typed>} */ (readDraft(first.card.id, month))
  const keep = () => {
    keepDraft(state.card.id, month, draft)
    status()
  }
  const rows = itemsOf(first.card).map(item => row(item, draft, () => state, keep))
  const head = h('div', { class: 'entry-head' })
  const message = h('div', { class: 'message', role: 'alert' })
  const typed = h('p', { class: 'quiet', role: 'status' })
  const check = h('button', { type: 'button', class: 'primary' }, t('entry.check'))
  const discard = h('button', { type: 'button', class: 'plain', onclick: () => {
    for (const key of Object.keys(draft)) delete draft[key]
    keep()
    for (const row of rows) row.show()
  } }, t('entry.discard'))
  const status = () => {
    const count = Object.keys(draft).length
    typed.textContent = count > 0 ? t('entry.typed', { count }) : t('entry.nothing')
    discard.hidden = check.disabled = count === 0
  }
  const grid = table(rows)
  const bar = h('div', { class: 'entry-bar' }, check, discard, typed)
  fill(outlet, head, message, grid, bar)
  grid.addEventListener('paste', event => paste(event, rows))
  grid.addEventListener('keydown', move)
  check.addEventListener('click', async () => {
    fill(message)
    const values = collected(rows, draft)
    if (!values) return
    check.disabled = true
    try {
      await tryAndSend(state, month, values, rows, async () => {
        for (const key of Object.keys(draft)) delete draft[key]
        keep()
        await refresh()
        for (const row of rows) row.show()
      })
    } catch (error) {
      await explainRefusal(error, message, rows, values, refresh)
    } finally {
      status()
    }
  })
  return (/** @type {State} */ next) => {
    state = next
    fill(head, scorecardHead({ ...next.card, month }, 'actuals', monthSteps(next.card, month)),
      monthState(next, month, refresh), !next.isEditable && h('p', { class: 'notice' }, t(next.now?.state === 'approved' ? 'entry.approved' : 'entry.read_only')))
    bar.hidden = !next.isEditable
    for (const row of rows) row.update(next)
    status()
  }
}

/** @param {Scorecard} card @param {string} month */
function monthSteps(card, month) {
  const link = (/** @type {number} */ by) => {
    const to = addMonths(month, by)
    const isPossible = to >= card.start_month && to <= lastEndedMonth()
    return isPossible
      ? h('a', { class: 'button', href: `/scorecards/${card.id}/actuals/${to}`, 'aria-label': `${t(by < 0 ? 'month.before' : 'month.after')} ${monthLong(to)}`, 'data-focus': `month${by}` }, by < 0 ? '‹' : '›')
      : h('span', { class: 'button disabled', 'aria-hidden': 'true' }, by < 0 ? '‹' : '›')
  }
  return h('div', { class: 'months' }, link(-1), h('strong', null, monthLong(month)), link(1))
}

/** @param {State} state @param {string} month @param {() => Promise<void>} refresh */
function monthState({ card, now }, month, refresh) {
  if (!now) return null
  const { completeness } = now
  return h('section', { class: `panel month-state state-${now.state}` },
    h('p', null, h('strong', null, word('month_state', now.state)), ' ',
      completeness.complete ? t('entry.complete') : t('entry.incomplete', { reported: completeness.reported, required: completeness.required }), ' ',
      h('span', { class: 'quiet' }, t('entry.due', { day: day(completeness.due_on) }))),
    now.note && h('p', null, t('entry.note', { note: now.note })),
    decisionActions(card, month, now.state, refresh))
}

/** @param {Row[]} rows */
function table(rows) {
  return scrolling(t('entry.grid'), h('table', { class: 'entry' },
    h('caption', { class: 'sr-only' }, t('entry.grid')),
    h('thead', null, h('tr', null, [t('item.name'), t('entry.last_year'), t('entry.last_month'), t('entry.value'), t('item.unit'), t('entry.to_date'), t('item.status')]
      .map(text => h('th', { scope: 'col' }, text)))),
    h('tbody', null, rows.map(row => row.element))))
}

/**
 * @param {Item} item @param {Record<string, Typed>} draft @param {() => State} state @param {() => void} keep
 * @returns {Row}
 */
function row(item, draft, state, keep) {
  const name = named(item.name)
  const lastYear = h('td', { class: 'number reference', 'data-label': t('entry.last_year') })
  const lastMonth = h('td', { class: 'number reference', 'data-label': t('entry.last_month') })
  const toDate = h('td', { class: 'number', 'data-label': t('entry.to_date') })
  const status = h('td', null)
  const required = h('span', { class: 'chip chip-required' }, t('entry.required'))
  const note = h('div', { class: 'entry-note', id: `note-${item.key}`, 'aria-live': 'polite' })
  const reason = h('input', { type: 'text', class: 'reason', hidden: true, 'aria-label': t('entry.reason', { item: name }), placeholder: t('entry.reason.hint'), maxLength: 200 })
  const away = h('button', { type: 'button', class: 'plain small', 'aria-pressed': 'false', 'aria-label': t('entry.not_applicable.of', { item: name }) }, t('entry.not_applicable'))
  const inputs = new Map(fieldsOf(item).map(field => [field, h('input', {
    type: 'text', inputMode: 'decimal', autocomplete: 'off', id: `in-${item.key}-${field}`,
    'aria-label': `${name} ${word('entry.field', field)}`, 'aria-describedby': `note-${item.key}`,
    placeholder: field === 'value' ? null : word('entry.field', field),
  })]))
  const cellOf = (/** @type {Month | undefined} */ month) => month?.cells.find(cell => cell.item === item.key)
  const change = (/** @type {Partial<Typed>} */ changes) => {
    const was = draft[item.key]?.was ?? textOf(cellOf(state().now))
    draft[item.key] = { ...draft[item.key], ...changes, was }
    settle()
    keep()
    show()
  }
  /** Forgets what says the same as what is stored. */
  const settle = () => {
    const typed = draft[item.key]
    const cell = cellOf(state().now)
    if (!typed || typed.not_applicable !== undefined) return
    if (fieldsOf(item).every(field => (typed[field] ?? storedText(cell, field)) === storedText(cell, field))) delete draft[item.key]
  }
  const show = () => {
    const typed = draft[item.key] ?? {}
    const cell = cellOf(state().now)
    const isAway = typed.not_applicable !== undefined || (cell?.state === 'not_applicable' && Object.keys(typed).length === 0)
    for (const [field, input] of inputs) {
      const text = isAway ? '' : (typed[field] ?? storedText(cell, field))
      if (input.value !== text) input.value = text
      input.disabled = !state().isEditable || isAway
    }
    const { value, faults } = readTyped(item, draft[item.key] ?? {})
    for (const [field, input] of inputs) input.setAttribute('aria-invalid', String(Boolean(faults[field])))
    const asksReason = faults.reason !== undefined || typed.clear !== undefined || typed.not_applicable !== undefined
    reason.hidden = !asksReason || !state().isEditable
    const text = typed.not_applicable ?? typed.clear ?? ''
    if (reason.value !== text) reason.value = text
    away.hidden = !state().isEditable
    away.setAttribute('aria-pressed', String(isAway))
    element.classList.toggle('typed', item.key in draft)
    const conflict = typed.was !== undefined && typed.was !== textOf(cell)
    fill(note,
      Object.values(faults).map(text => h('p', { class: 'field-error' }, text)),
      conflict && h('p', { class: 'field-error' }, t('entry.conflict', { by: cell?.reported_by ?? '', value: textOf(cell) || t('cell.not_reported') })),
      cell?.state === 'not_applicable' && !(item.key in draft) && h('p', { class: 'quiet' }, `${t('cell.not_applicable')}：${cell.reason ?? ''}`))
    fill(toDate, ...toDateText(item, evaluated(), cell, value))
  }
  /** The item as it was evaluated last. */
  const evaluated = () => itemsOf(state().card).find(found => found.key === item.key) ?? item
  for (const [field, input] of inputs) {
    input.addEventListener('input', () => change({ [field]: input.value, ...everyOther(item, field, inputs) }))
    input.addEventListener('focus', () => input.select())
  }
  reason.addEventListener('input', () => {
    change(draft[item.key]?.not_applicable !== undefined ? { not_applicable: reason.value } : { clear: reason.value })
  })
  away.addEventListener('click', () => {
    if (away.getAttribute('aria-pressed') === 'true') {
      delete draft[item.key]
      if (cellOf(state().now)?.state === 'not_applicable') draft[item.key] = { was: textOf(cellOf(state().now)), ...Object.fromEntries(fieldsOf(item).map(field => [field, ''])) }
      keep()
      show()
    } else {
      change({ not_applicable: '' })
      reason.focus()
    }
  })
  const element = h('tr', null,
    h('th', { scope: 'row' }, name, item.high_hurdle && h('span', { class: 'chip chip-hurdle' }, t('map.hurdle')), required),
    lastYear, lastMonth,
    h('td', { class: 'entry-cell' }, h('div', { class: 'entry-inputs' }, [...inputs.values()], away), reason, note),
    h('td', { class: 'quiet' }, unitOf(item.unit)), toDate, status)
  return {
    element, item, inputs, show,
    fault: (field, text) => {
      inputs.get(/** @type {'value'} */ (field))?.setAttribute('aria-invalid', 'true')
      note.append(h('p', { class: 'field-error' }, text))
    },
    update: ({ before, lastYear: year, now }) => {
      const missing = now?.completeness.missing.includes(item.key) ?? false
      fill(lastYear, textOf(cellOf(year)) || '–')
      fill(lastMonth, textOf(cellOf(before)) || '–')
      const current = evaluated()
      fill(status, statusMark(current.status, current.flag))
      required.hidden = !missing
      settle()
      show()
    },
  }
}

/** Of a ratio, the other part as it is shown now: both are sent. @param {Item} item @param {string} field @param {Map<string, HTMLInputElement>} inputs */
function everyOther(item, field, inputs) {
  return Object.fromEntries(fieldsOf(item).filter(other => other !== field).map(other => [other, inputs.get(other)?.value ?? '']))
}

/** A stored cell in one text, to see whether it has changed. @param {Schema<'ItemCell'> | undefined} cell */
function textOf(cell) {
  if (!cell || cell.state === 'not_reported') return ''
  if (cell.state === 'not_applicable') return t('cell.not_applicable')
  if (cell.numerator !== null && cell.numerator !== undefined) return `${cell.numerator} / ${cell.denominator}`
  return String(cell.value ?? '')
}

/**
 * Actual and plan to date, and what the actual will be.
 * @param {Item} item @param {Item} evaluated @param {Schema<'ItemCell'> | undefined} cell @param {Record<string, unknown> | null} value
 */
function toDateText(item, evaluated, cell, value) {
  const show = (/** @type {number | null | undefined} */ amount) => figure(amount, item.unit, item.measure)
  const sums = item.measure === 'flow' || item.measure === 'cumulative'
  const typed = typeof value?.value === 'number' ? value.value : null
  const next = typed === null ? null : sums ? (evaluated.actual ?? 0) - (cell?.value ?? 0) + typed : typed
  return [
    next === null ? show(evaluated.actual) : h('strong', null, `${show(evaluated.actual)} → ${show(next)}`),
    h('span', { class: 'quiet' }, ` / ${t('item.plan')} ${show(evaluated.plan)}`),
  ]
}

/** The values to send, unless one of them cannot be. @param {Row[]} rows @param {Record<string, Typed>} draft */
function collected(rows, draft) {
  /** @type {Record<string, unknown>[]} */
  const values = []
  for (const row of rows) {
    const typed = draft[row.item.key]
    if (!typed) continue
    const { value } = readTyped(row.item, typed)
    if (!value) {
      const input = row.element.querySelector('[aria-invalid="true"], .reason:not([hidden])')
      if (input instanceof HTMLElement) input.focus()
      return null
    }
    values.push(value)
  }
  return values
}

/**
 * Asks the service what would happen, shows it, and sends.
 * @param {State} state @param {string} month @param {Record<string, unknown>[]} values @param {Row[]} rows @param {() => Promise<void>} sent
 */
async function tryAndSend(state, month, values, rows, sent) {
  const path = `/v1/scorecards/${state.card.id}/actuals`
  const options = { revision: state.card.revision, key: crypto.randomUUID() }
  /** @type {Schema<'ReportResult'>} */
  const outcome = await write('POST', `${path}?dry_run=true`, { month, values }, options)
  const names = new Map(rows.map(row => [row.item.key, named(row.item.name)]))
  const message = h('div', { class: 'message', role: 'alert' })
  dialog(t('entry.confirm', { month: monthLong(month) }), close => {
    const send = h('button', { type: 'button', class: 'primary', onclick: async () => {
      send.disabled = true
      try {
        await write('POST', path, { month, values }, options)
        close()
        await sent()
        toast(t('entry.sent', { count: values.length }))
      } catch (error) {
        const [title, advice] = explainedRefusal(error)
        fill(message, h('p', null, h('strong', null, title), ' ', advice))
        send.disabled = false
      }
    } }, t('entry.send'))
    return [preview(outcome, names), message,
      h('div', { class: 'actions' }, send, h('button', { type: 'button', onclick: close }, t('entry.back')))]
  })
}

/** What a report would change. @param {Schema<'ReportResult'>} outcome @param {Map<string, string>} names */
function preview(outcome, names) {
  const { counts, completeness } = outcome
  return h('div', { class: 'preview' },
    h('p', null, t('entry.counts', { created: counts.created, updated: counts.updated, unchanged: counts.unchanged, cleared: counts.cleared })),
    h('p', null, completeness.complete ? t('entry.will_complete') : t('entry.will_miss', { names: completeness.missing.map(key => names.get(key) ?? key).join('、') })),
    outcome.issues.length > 0 && h('div', { class: 'notice' }, h('strong', null, t('entry.warnings')), h('ul', null, outcome.issues.map(issue => h('li', null, issue.message[language()])))),
    outcome.changes.length > 0 && h('div', null, h('h3', null, t('entry.changes')), h('ul', { class: 'changes' }, outcome.changes.map(change => h('li', null,
      h('span', null, names.get(change.item) ?? change.item), statusMark(change.from.status, change.from.flag), '→', statusMark(change.to.status, change.to.flag))))))
}

/** @param {unknown} error @returns {[string, string]} */
function explainedRefusal(error) {
  if (error instanceof Problem && error.code === 'stale_revision') return [t('entry.stale'), t('entry.stale.advice')]
  if (error instanceof Problem && error.code === 'month_approved') return [t('entry.approved_meanwhile'), t('entry.approved_meanwhile.advice')]
  return explained(error)
}

/** @param {unknown} error @param {HTMLElement} message @param {Row[]} rows @param {Record<string, unknown>[]} values @param {() => Promise<void>} refresh */
async function explainRefusal(error, message, rows, values, refresh) {
  const [title, advice] = explainedRefusal(error)
  fill(message, h('p', null, h('strong', null, title), ' ', advice))
  message.scrollIntoView({ block: 'nearest' })
  if (!(error instanceof Problem)) {
    console.error(error)
    return
  }
  if (error.status === 412 || error.status === 409) await refresh()
  for (const issue of error.issues) {
    const [, index, field] = /^\/values\/(\d+)\/?(\w+)?/.exec(issue.path) ?? []
    const row = rows.find(row => row.item.key === values[Number(index)]?.item)
    if (row) row.fault(field ?? 'value', issue.message[language()])
    else message.append(h('p', null, issue.message[language()]))
  }
}

/** @param {ClipboardEvent} event @param {Row[]} rows */
function paste(event, rows) {
  const text = event.clipboardData?.getData('text/plain') ?? ''
  const target = event.target instanceof HTMLInputElement ? event.target : null
  const start = rows.findIndex(row => [...row.inputs.values()].some(input => input === target))
  const origin = rows[start]
  if (!origin || !/[\t\n]/.test(text.trim())) return
  event.preventDefault()
  const field = /** @type {'value'} */ ([...origin.inputs].find(([, input]) => input === target)?.[0] ?? 'value')
  const found = placed(pasted(text), rows.map(row => ({ item: row.item, names: [row.item.key, row.item.name.ja, row.item.name.en] })), start, field)
  for (const { item, field, text } of found) {
    const input = rows.find(row => row.item === item)?.inputs.get(field)
    if (!input || input.disabled) continue
    input.value = text
    input.dispatchEvent(new Event('input'))
  }
  toast(t('entry.pasted', { count: found.length }))
}

/** Up, down and Enter go from row to row, as in a spreadsheet. @param {KeyboardEvent} event */
function move(event) {
  const by = event.key === 'ArrowDown' || event.key === 'Enter' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (by === 0 || event.isComposing || !(event.target instanceof HTMLInputElement) || event.target.classList.contains('reason')) return
  const inputs = [...document.querySelectorAll('.entry-inputs input:not(:disabled)')]
  const next = inputs[inputs.indexOf(event.target) + by]
  if (next instanceof HTMLElement) next.focus()
  event.preventDefault()
}

