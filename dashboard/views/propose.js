// Revising a plan: change what is planned, add preparation, see old and new, propose.
// What is typed stays on this device until it has arrived.

import { get, newKey, Problem, write } from '../api.js'
import { keepDraft, PLAN, readDraft } from '../drafts.js'
import { fill, h } from '../dom.js'
import { addMonths, lastEndedMonth, monthLong } from '../format.js'
import { language, named, t } from '../i18n.js'
import { errorState, explained, live } from '../live.js'
import { choice, clearIssues, dialog, field, mark, toast } from '../parts.js'
import { namesOf, versionIn } from '../plan.js'
import { changeTable } from '../plan_changes.js'
import { countParts, draftOf, placeOf, readDraftOf, settle, textsOf } from '../plan_draft.js'
import { PlanFields } from '../plan_fields.js'
import { go } from '../router.js'
import { remarks } from './revision.js'
import { mayDecide, mayPropose } from './revisions.js'
import { causeDetail, scorecardHead } from './scorecards.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {import('../plan.js').Plan} Plan
 * @typedef {import('../plan_draft.js').PlanDraft} PlanDraft
 * @typedef {object} State what the service said last
 * @property {Scorecard} card
 * @property {Plan} plan that the revision changes
 * @property {string[]} months in which it may begin
 */

/** A revision may begin so many months from now. */
const AHEAD_MONTHS = 18
const REASON_CHARS_MAX = 4000
/** A part of a draft that an address gives: `draft.reason=…`. */
const GIVEN = 'draft.'

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  const id = context.parameters.id ?? ''
  const base = `/v1/scorecards/${encodeURIComponent(id)}`
  if (!mayPropose()) {
    context.setTitle(t('error.forbidden'))
    fill(outlet, errorState(new Problem(403, null)))
    return
  }
  const draft = /** @type {PlanDraft} */ (readDraft(id, PLAN))
  takeGiven(draft, context.query)
  let from = context.query.get('from')
  /** @returns {Promise<[Scorecard, Plan, Schema<'MonthList'>]>} */
  const load = async () => {
    if (from) await takeOver(`${base}/revisions/${encodeURIComponent(from)}`, base, draft, signal)
    from = null
    // In this order: a revision that is older than the plan refuses to overwrite, a newer one would not.
    /** @type {Scorecard} */
    const card = await get(`${base}?include=causes,alerts`, signal)
    /** @type {[Schema<'MonthList'>, {items: Schema<'PlanVersion'>[]}]} */
    const [months, versions] = await Promise.all([get(`${base}/months`, signal), get(`${base}/plan/versions`, signal)])
    const { version } = versionIn(versions.items, effectiveOf(draft, beginnings(card, months)))
    return [card, await get(`${base}/plan?version=${version}`, signal), months]
  }
  /** @type {ReturnType<typeof page> | null} */
  let drawn = null
  const refresh = await live(context, load, ([card, plan, months]) => {
    context.setTitle(`${title()} ${named(card.name)}`)
    const state = { card, plan, months: beginnings(card, months) }
    forgetGiven()
    keepDraft(id, PLAN, draft)
    drawn ??= page(outlet, draft, state, () => refresh())
    drawn(state)
  })
}

const title = () => t(mayDecide() ? 'revisions.revise' : 'revisions.propose')

/** What an address brings with it is kept like what is typed. @param {PlanDraft} draft @param {URLSearchParams} query */
function takeGiven(draft, query) {
  for (const [name, value] of query) {
    if (name.startsWith(GIVEN)) draft[name.slice(GIVEN.length)] = value
  }
  const alert = query.get('alert')
  if (alert) draft.alert = alert
  else if (countParts(draft) === 0 && !draft.reason) delete draft.alert
}

/** What the address brought is typed by now; loaded again, it would overwrite what follows. */
function forgetGiven() {
  const alert = new URLSearchParams(location.search).get('alert')
  const address = location.pathname + (alert ? `?alert=${encodeURIComponent(alert)}` : '')
  if (address !== location.pathname + location.search) go(address, { replace: true, stay: true })
}

/** Types an earlier proposal over the plan as it is now. @param {string} path @param {string} base @param {PlanDraft} draft @param {AbortSignal} signal */
async function takeOver(path, base, draft, signal) {
  /** @type {[Schema<'Revision'>, Plan]} */
  const [revision, plan] = await Promise.all([get(path, signal), get(`${base}/plan`, signal)])
  for (const place of Object.keys(draft)) delete draft[place]
  Object.assign(draft, { effective: revision.effective_month, reason: revision.reason })
  if (revision.alert) draft.alert = revision.alert
  Object.assign(draft, draftOf(revision.changes, plan))
}

/** The months in which a revision may begin: after every approved one. @param {Scorecard} card @param {Schema<'MonthList'>} list */
function beginnings(card, list) {
  const approved = list.months.filter(({ state }) => state === 'approved').map(({ month }) => month)
  const last = approved.sort().at(-1)
  const first = last ? addMonths(last, 1) : card.start_month
  const months = [first]
  const end = addMonths(lastEndedMonth(), AHEAD_MONTHS)
  while ((months.at(-1) ?? end) < end) months.push(addMonths(months.at(-1) ?? end, 1))
  return months
}

/** The month chosen, else the present one. @param {PlanDraft} draft @param {string[]} months */
function effectiveOf(draft, months) {
  const present = addMonths(lastEndedMonth(), 1)
  const wanted = draft.effective ?? present
  return months.includes(wanted) ? wanted : ([present, months[0] ?? present].sort().at(-1) ?? present)
}

/**
 * Draws the form once; what it returns brings it up to date. A plan that has changed is
 * drawn anew, with what is typed over it.
 * @param {HTMLElement} outlet @param {PlanDraft} draft @param {State} first @param {() => Promise<void>} refresh
 */
function page(outlet, draft, first, refresh) {
  let state = first
  /** @type {Plan | null} */
  let shown = null
  /** @type {PlanFields | null} */
  let fields = null
  const head = h('div', { class: 'entry-head' })
  const message = h('div', { class: 'message', role: 'alert' })
  const body = h('div', { class: 'plan-form' })
  const typed = h('p', { class: 'quiet', role: 'status' })
  const check = h('button', { type: 'button', class: 'primary' }, t('entry.check'))
  const discard = h('button', { type: 'button', class: 'plain' }, t('entry.discard'))
  const clear = () => {
    for (const place of Object.keys(draft)) delete draft[place]
    keepDraft(state.card.id, PLAN, draft)
  }
  const status = () => {
    const count = countParts(draft)
    typed.textContent = count > 0 ? t('propose.typed', { count }) : t('propose.nothing')
    check.disabled = count === 0
    discard.hidden = Object.keys(draft).length === 0
  }
  const keep = () => {
    if (fields) settle(draft, fields.texts)
    keepDraft(state.card.id, PLAN, draft)
    status()
  }
  const redraw = () => {
    shown = state.plan
    const effective = effectiveOf(draft, state.months)
    fields = new PlanFields({ ...state, draft, effective, open: fields?.open, keep, redraw })
    settle(draft, textsOf(state.plan))
    fill(body, basics(state, draft, effective, keep, refresh, redraw), prompt(state, draft), fields.sections())
    status()
  }
  discard.addEventListener('click', () => {
    clear()
    fill(message)
    redraw()
  })
  check.addEventListener('click', async () => {
    fill(message)
    clearIssues(body)
    const read = readDraftOf(state.plan, draft)
    if (!showFaults(body, read.faults)) return
    check.disabled = true
    try {
      await tryAndSend(state, draft, read.changes, clear)
    } catch (error) {
      await explainRefusal(error, message, body, read.origins, refresh)
    } finally {
      status()
    }
  })
  fill(outlet, head, message, body, h('div', { class: 'entry-bar' }, check, discard, typed))
  return (/** @type {State} */ next) => {
    state = next
    fill(
      head,
      scorecardHead(next.card, 'revisions'),
      h('h2', null, title()),
      h('p', { class: 'lead' }, t(mayDecide() ? 'propose.lead.decide' : 'propose.lead.hub')),
    )
    if (shown !== next.plan) redraw()
  }
}

/** @param {State} state @param {PlanDraft} draft @param {string} effective @param {() => void} keep @param {() => Promise<void>} refresh @param {() => void} redraw */
function basics(state, draft, effective, keep, refresh, redraw) {
  const month = choice(
    'effective_month',
    state.months.map(month => [month, monthLong(month)]),
    effective,
    async value => {
      draft.effective = value
      keep()
      await refresh()
      redraw()
    },
  )
  month.id = 'effective_month'
  const reason = h('textarea', {
    id: 'reason',
    name: 'reason',
    required: true,
    maxLength: REASON_CHARS_MAX,
    value: draft.reason ?? '',
    oninput: () => {
      if (reason.value) draft.reason = reason.value
      else delete draft.reason
      keep()
    },
  })
  return h(
    'section',
    { class: 'panel' },
    h('h3', null, t('propose.basics')),
    field(t('propose.effective'), month, t('propose.effective.hint', { version: state.plan.version })),
    field(t('revisions.reason'), reason, t('propose.reason.hint')),
  )
}

/** The alert that prompts the revision, with its cause. @param {State} state @param {PlanDraft} draft */
function prompt({ card, plan }, draft) {
  const alert = draft.alert ? (card.alerts ?? []).find(alert => alert.id === draft.alert) : undefined
  if (!alert) return null
  return h(
    'section',
    { class: 'panel' },
    h(
      'h3',
      null,
      t('propose.alert'),
      ' ',
      h(
        'a',
        { href: `/alerts/${alert.id}` },
        t('propose.alert.since', {
          item: named(alert.item_name),
          month: monthLong(alert.opened_month),
        }),
      ),
    ),
    alert.cause && causeDetail(alert.cause, namesOf(plan)),
  )
}

/** Marks faults at their fields; whether there are none. @param {HTMLElement} body @param {Record<string, string>} faults */
function showFaults(body, faults) {
  const found = Object.entries(faults).flatMap(([place, text]) => {
    const input = fieldAt(body, place)
    if (input) mark(input, text)
    return input ? [input] : []
  })
  reveal(found[0])
  return Object.keys(faults).length === 0
}

/** @param {HTMLElement} body @param {string} place */
function fieldAt(body, place) {
  const input = body.querySelector(`[name="${CSS.escape(place)}"]`)
  return input instanceof HTMLElement ? input : null
}

/** Opens whatever a field is folded into, and goes there. @param {HTMLElement | undefined} input */
function reveal(input) {
  for (let part = input?.closest('details'); part; part = part.parentElement?.closest('details')) part.open = true
  input?.focus()
}

/**
 * Asks the service what would come of it, shows it, and sends.
 * @param {State} state @param {PlanDraft} draft @param {object[]} changes @param {() => void} clear
 */
async function tryAndSend(state, draft, changes, clear) {
  const { card, plan } = state
  const path = `/v1/scorecards/${encodeURIComponent(card.id)}/revisions`
  const body = {
    effective_month: effectiveOf(draft, state.months),
    reason: draft.reason ?? '',
    ...(draft.alert && (card.alerts ?? []).some(alert => alert.id === draft.alert) && { alert: draft.alert }),
    changes,
  }
  const options = { revision: card.revision, key: newKey() }
  /** @type {Schema<'Revision'>} */
  const outcome = await write('POST', `${path}?dry_run=true`, body, options)
  const message = h('div', { class: 'message', role: 'alert' })
  const element = dialog(t('propose.confirm'), close => {
    const send = h(
      'button',
      {
        type: 'button',
        class: 'primary',
        onclick: async () => {
          send.disabled = true
          try {
            /** @type {Schema<'Revision'>} */
            const made = await write('POST', path, body, options)
            clear()
            close()
            toast(t(made.state === 'in_force' ? 'propose.done.decide' : 'propose.done.hub'))
            go(`/scorecards/${card.id}/revisions/${made.version}`)
          } catch (error) {
            const [title, advice] = explainedRefusal(error)
            fill(message, h('p', null, h('strong', null, title), ' ', advice))
            send.disabled = false
          }
        },
      },
      t(mayDecide() ? 'propose.send.decide' : 'propose.send.hub'),
    )
    return [
      h(
        'div',
        { class: 'preview' },
        h(
          'p',
          null,
          t(mayDecide() ? 'propose.effect.decide' : 'propose.effect.hub', {
            month: monthLong(outcome.effective_month),
          }),
        ),
        remarks(outcome.warnings),
        changeTable(outcome.changes, {
          start: card.start_month,
          names: namesOf(plan),
          parameters: plan.parameter_definitions,
        }),
      ),
      message,
      h('div', { class: 'actions' }, send, h('button', { type: 'button', onclick: close }, t('entry.back'))),
    ]
  })
  element.classList.add('wide')
}

/** @param {unknown} error @returns {[string, string]} */
function explainedRefusal(error) {
  if (error instanceof Problem && error.code === 'stale_revision') return [t('entry.stale'), t('propose.stale.advice')]
  if (error instanceof Problem && error.code === 'month_approved') {
    return [t('propose.approved'), t('propose.approved.advice')]
  }
  if (error instanceof Problem && error.code === 'invalid') return [t('propose.invalid'), t('propose.invalid.advice')]
  return explained(error)
}

/** @param {unknown} error @param {HTMLElement} message @param {HTMLElement} body @param {import('../plan_draft.js').Origin[]} origins @param {() => Promise<void>} refresh */
async function explainRefusal(error, message, body, origins, refresh) {
  const [title, advice] = explainedRefusal(error)
  fill(message, h('p', null, h('strong', null, title), ' ', advice))
  if (!(error instanceof Problem)) {
    console.error(error)
    return
  }
  if (error.status === 412 || error.status === 409) await refresh()
  /** @type {HTMLElement | undefined} */
  let firstField
  for (const issue of error.issues) {
    const input = fieldAt(body, placeOf(issue.path, origins))
    if (input) mark(input, isMissing(input) ? t('form.missing') : issue.message[language()])
    else message.append(h('p', null, issue.message[language()]))
    firstField ??= input ?? undefined
  }
  if (firstField) reveal(firstField)
  else message.scrollIntoView({ block: 'nearest' })
}

/** @param {HTMLElement} input */
const isMissing = input =>
  (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement) && input.validity.valueMissing
