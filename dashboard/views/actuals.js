// Entering a month: a grid with last month and last year beside it, checked while typing,
// tried before it is sent. What is typed stays here until it has arrived.

import { get, newKey, Problem, write } from '../api.js'
import { commentPanel } from '../comments.js'
import { keepDraft, readDraft } from '../drafts.js'
import { fill, h } from '../dom.js'
import { downloads } from '../downloads.js'
import { addMonths, day, lastEndedMonth, monthLong } from '../format.js'
import { pasted, placed, readTyped } from '../entry.js'
import { EntryRow } from '../entry_row.js'
import { language, named, t, word } from '../i18n.js'
import { asKnown, keepKnown, knownAt } from '../known_at.js'
import { explained, live } from '../live.js'
import { dialog, scrolling, toast } from '../parts.js'
import { me } from '../session.js'
import { statusMark } from '../status.js'
import { decisionActions } from './decisions.js'
import { itemsOf, scorecardHead } from './scorecards.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {import('../entry.js').Typed} Typed
 * @typedef {import('../entry_row.js').State} State
 */

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { signal } = context
  const { id = '', month = '' } = context.parameters
  const base = `/v1/scorecards/${encodeURIComponent(id)}`
  /** @returns {Promise<[Scorecard, Schema<'Cells'>]>} */
  const load = async () => {
    // In this order: a revision that is older than the cells refuses to overwrite, a newer one would not.
    /** @type {Scorecard} */
    const card = await get(asKnown(`${base}?month=${encodeURIComponent(month)}`), signal)
    const from = [addMonths(month, -12), card.start_month].sort()[1]
    return [card, await get(asKnown(`${base}/actuals?from=${from}&to=${month}`), signal)]
  }
  /** @type {ReturnType<typeof page> | null} */
  let drawn = null
  const refresh = await live(context, load, ([card, cells]) => {
    const of = (/** @type {string} */ month) => cells.months.find(found => found.month === month)
    const now = of(month)
    const state = {
      card,
      now,
      before: of(addMonths(month, -1)),
      lastYear: of(addMonths(month, -12)),
      isEditable: ['national', 'hub'].includes(me()?.role ?? '') && now?.state !== 'approved' && !knownAt(),
    }
    context.setTitle(`${t('entry.title', { month: monthLong(month) })} ${named(card.name)}`)
    drawn ??= page(context, state, month, () => refresh())
    drawn(state)
  })
}

/**
 * Draws the page once; what it returns brings it up to date without touching what is typed.
 * @param {import('../live.js').Context} context @param {State} first @param {string} month @param {() => Promise<void>} refresh
 */
function page(context, first, month, refresh) {
  let state = first
  // Over what was known earlier nothing is typed, and what is typed today does not belong there.
  const draft = /** @type {Record<string, Typed>} */ (knownAt() ? {} : readDraft(first.card.id, month))
  const keep = () => {
    keepDraft(state.card.id, month, draft)
    status()
  }
  const rows = itemsOf(first.card).map(item => new EntryRow(item, draft, keep))
  const head = h('div', { class: 'entry-head' })
  const message = h('div', { class: 'message', role: 'alert' })
  const typed = h('p', { class: 'quiet', role: 'status' })
  const check = h('button', { type: 'button', class: 'primary' }, t('entry.check'))
  const discard = h(
    'button',
    {
      type: 'button',
      class: 'plain',
      onclick: () => {
        for (const key of Object.keys(draft)) delete draft[key]
        keep()
        for (const row of rows) row.show()
      },
    },
    t('entry.discard'),
  )
  const status = () => {
    const count = Object.keys(draft).length
    typed.textContent = count > 0 ? t('entry.typed', { count }) : t('entry.nothing')
    discard.hidden = check.disabled = count === 0
  }
  const grid = table(rows)
  const bar = h('div', { class: 'entry-bar' }, check, discard, typed)
  const names = new Map(itemsOf(first.card).map(item => [item.key, named(item.name)]))
  const comments = commentPanel(context, first.card.id, { month, names: item => names.get(item) ?? item })
  fill(context.outlet, head, message, grid, bar, comments)
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
    fill(
      head,
      scorecardHead({ ...next.card, month }, 'actuals', [downloads(next.card, month), monthSteps(next.card, month)]),
      monthState(next, month, refresh),
      !next.isEditable &&
        !knownAt() &&
        h('p', { class: 'notice' }, t(next.now?.state === 'approved' ? 'entry.approved' : 'entry.read_only')),
    )
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
      ? h(
          'a',
          {
            class: 'button',
            href: keepKnown(`/scorecards/${card.id}/actuals/${to}`),
            'aria-label': `${t(by < 0 ? 'month.before' : 'month.after')} ${monthLong(to)}`,
            'data-focus': `month${by}`,
          },
          by < 0 ? '‹' : '›',
        )
      : h('span', { class: 'button disabled', 'aria-hidden': 'true' }, by < 0 ? '‹' : '›')
  }
  return h('div', { class: 'months' }, link(-1), h('strong', null, monthLong(month)), link(1))
}

/** @param {State} state @param {string} month @param {() => Promise<void>} refresh */
function monthState({ card, now }, month, refresh) {
  if (!now) return null
  const { completeness } = now
  return h(
    'section',
    { class: `panel month-state state-${now.state}` },
    h(
      'p',
      null,
      h('strong', null, word('month_state', now.state)),
      ' ',
      completeness.complete
        ? t('entry.complete')
        : t('entry.incomplete', { reported: completeness.reported, required: completeness.required }),
      ' ',
      h('span', { class: 'quiet' }, t('entry.due', { day: day(completeness.due_on) })),
    ),
    now.note && h('p', null, t('entry.note', { note: now.note })),
    !knownAt() && decisionActions(card, month, now.state, refresh),
  )
}

/** @param {EntryRow[]} rows */
function table(rows) {
  return scrolling(
    t('entry.grid'),
    h(
      'table',
      { class: 'entry' },
      h('caption', { class: 'sr-only' }, t('entry.grid')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          [
            t('item.name'),
            t('entry.last_year'),
            t('entry.last_month'),
            t('entry.value'),
            t('item.unit'),
            t('entry.to_date'),
            t('item.status'),
          ].map(text => h('th', { scope: 'col' }, text)),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map(row => row.element),
      ),
    ),
  )
}

/** The values to send, unless one of them cannot be. @param {EntryRow[]} rows @param {Record<string, Typed>} draft */
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
 * @param {State} state @param {string} month @param {Record<string, unknown>[]} values @param {EntryRow[]} rows @param {() => Promise<void>} sent
 */
async function tryAndSend(state, month, values, rows, sent) {
  const path = `/v1/scorecards/${state.card.id}/actuals`
  const options = { revision: state.card.revision, key: newKey() }
  /** @type {Schema<'ReportResult'>} */
  const outcome = await write('POST', `${path}?dry_run=true`, { month, values }, options)
  const names = new Map(rows.map(row => [row.item.key, named(row.item.name)]))
  const message = h('div', { class: 'message', role: 'alert' })
  dialog(t('entry.confirm', { month: monthLong(month) }), close => {
    const send = h(
      'button',
      {
        type: 'button',
        class: 'primary',
        onclick: async () => {
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
        },
      },
      t('entry.send'),
    )
    return [
      preview(outcome, names),
      message,
      h('div', { class: 'actions' }, send, h('button', { type: 'button', onclick: close }, t('entry.back'))),
    ]
  })
}

/** What a report would change. @param {Schema<'ReportResult'>} outcome @param {Map<string, string>} names */
function preview(outcome, names) {
  const { counts, completeness } = outcome
  return h(
    'div',
    { class: 'preview' },
    h(
      'p',
      null,
      t('entry.counts', {
        created: counts.created,
        updated: counts.updated,
        unchanged: counts.unchanged,
        cleared: counts.cleared,
      }),
    ),
    h(
      'p',
      null,
      completeness.complete
        ? t('entry.will_complete')
        : t('entry.will_miss', { names: completeness.missing.map(key => names.get(key) ?? key).join('、') }),
    ),
    outcome.issues.length > 0 &&
      h(
        'div',
        { class: 'notice' },
        h('strong', null, t('entry.warnings')),
        h(
          'ul',
          null,
          outcome.issues.map(issue => h('li', null, issue.message[language()])),
        ),
      ),
    outcome.changes.length > 0 &&
      h(
        'div',
        null,
        h('h3', null, t('entry.changes')),
        h(
          'ul',
          { class: 'changes' },
          outcome.changes.map(change =>
            h(
              'li',
              null,
              h('span', null, names.get(change.item) ?? change.item),
              statusMark(change.from.status, change.from.flag),
              '→',
              statusMark(change.to.status, change.to.flag),
            ),
          ),
        ),
      ),
  )
}

/** @param {unknown} error @returns {[string, string]} */
function explainedRefusal(error) {
  if (error instanceof Problem && error.code === 'stale_revision') return [t('entry.stale'), t('entry.stale.advice')]
  if (error instanceof Problem && error.code === 'month_approved')
    return [t('entry.approved_meanwhile'), t('entry.approved_meanwhile.advice')]
  return explained(error)
}

/** @param {unknown} error @param {HTMLElement} message @param {EntryRow[]} rows @param {Record<string, unknown>[]} values @param {() => Promise<void>} refresh */
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

/** @param {ClipboardEvent} event @param {EntryRow[]} rows */
function paste(event, rows) {
  const text = event.clipboardData?.getData('text/plain') ?? ''
  const target = event.target instanceof HTMLInputElement ? event.target : null
  const start = rows.findIndex(row => [...row.inputs.values()].some(input => input === target))
  const origin = rows[start]
  if (!origin || !/[\t\n]/.test(text.trim())) return
  event.preventDefault()
  const field = /** @type {'value'} */ ([...origin.inputs].find(([, input]) => input === target)?.[0] ?? 'value')
  const found = placed(
    pasted(text),
    rows.map(row => ({ item: row.item, names: [row.item.key, row.item.name.ja, row.item.name.en] })),
    start,
    field,
  )
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
  if (
    by === 0 ||
    event.isComposing ||
    !(event.target instanceof HTMLInputElement) ||
    event.target.classList.contains('reason')
  )
    return
  const inputs = [...document.querySelectorAll('.entry-inputs input:not(:disabled)')]
  const next = inputs[inputs.indexOf(event.target) + by]
  if (next instanceof HTMLElement) next.focus()
  event.preventDefault()
}
