// What if: rates, volumes, targets and finished preparations are moved, and the year's end
// stands beside today's. Nothing is stored; the address holds what is supposed.

import { get, write } from '../api.js'
import { outlookBar } from '../charts/outlook_bar.js'
import { fill, h } from '../dom.js'
import { addMonths, money, monthLong, monthsBetween, percent, rate, score, unitOf } from '../format.js'
import { language, named, t } from '../i18n.js'
import { emptyState, explained, live } from '../live.js'
import { table } from '../parts.js'
import { amount, isPercent, linkName, namesOf, yearText } from '../plan.js'
import { figureText, readFigure } from '../plan_draft.js'
import { go } from '../router.js'
import { monthSlider, slider } from '../slider.js'
import { flagMark, statusMark } from '../status.js'
import { bodyOf, inWords, proposalOf, queryOf, readQuery } from '../supposition.js'
import { remarks } from './revision.js'
import { mayPropose } from './revisions.js'
import { itemsOf, scorecardHead } from './scorecards.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {import('../plan.js').Plan} Plan
 * @typedef {Schema<'Outlook'>} Outlook
 * @typedef {Schema<'WhatIf'>} Answer
 * @typedef {Schema<'StepVolume'>} Step
 * @typedef {import('../supposition.js').Supposition} Supposition
 * @typedef {{card: Scorecard, plan: Plan, outlook: Outlook}} State
 * @typedef {(name: string, value: string | null) => void} Suppose
 */

/** A question is asked when the slider has rested for so long. */
const REST_MS = 250
const MONTHS_OF_YEAR = 12
/** A slider reaches to so many times what is so today. */
const REACH = 3
/** A slider has about so many steps. */
const STEPS = 60

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  const base = `/v1/scorecards/${encodeURIComponent(context.parameters.id ?? '')}`
  const asked = query.get('month')
  const month = asked ? `?month=${encodeURIComponent(asked)}` : ''
  /** @returns {Promise<[Scorecard, Outlook, Plan]>} */
  const load = async () => {
    /** @type {[Scorecard, Outlook]} */
    const [card, outlook] = await Promise.all([get(base + month, signal), get(`${base}/outlook${month}`, signal)])
    return [card, outlook, await get(`${base}/plan?version=${card.plan_version}`, signal)]
  }
  await live(context, load, ([card, outlook, plan]) => {
    context.setTitle(`${t('tab.what_if')} ${named(card.name)}`)
    draw(outlet, { card, plan, outlook }, base, signal)
  })
}

/** @param {HTMLElement} outlet @param {State} state @param {string} base @param {AbortSignal} signal */
function draw(outlet, state, base, signal) {
  const { card, plan, outlook } = state
  const ground = { plan, year: outlook.revenue.year, start: card.start_month }
  const supposed = readQuery(new URLSearchParams(location.search), plan)
  const results = h('section', { class: 'panel results', 'aria-label': t('what_if.results'), tabIndex: 0 })
  const headline = h('p', { class: 'what-if-headline', role: 'status' })
  const controls = h('div', { class: 'what-if-controls' })
  const links = h('div', { class: 'actions' })
  let asked = 0
  const ask = async () => {
    const number = ++asked
    results.setAttribute('aria-busy', 'true')
    try {
      /** @type {Answer} */
      const answer = await write('POST', `${base}/what-if`, bodyOf(supposed, ground, card.month))
      if (number !== asked || signal.aborted) return
      fill(results, ...resultParts(answer, state, inWords(supposed, ground)))
      fill(headline, headlineOf(answer))
      const revenue = { today: answer.today.revenue.expected ?? null, then: answer.then.revenue.expected ?? null }
      fill(links, mayPropose() && supposed.size > 0 && proposeLink(proposalOf(card.id, supposed, ground, revenue)))
    } catch (error) {
      if (number !== asked || signal.aborted) return
      const [title, advice] = explained(error)
      const issues = error instanceof Error && 'issues' in error ? /** @type {Schema<'Issue'>[]} */ (error.issues) : []
      fill(
        results,
        h(
          'div',
          { class: 'message', role: 'alert' },
          h('strong', null, title),
          ' ',
          advice,
          issues.map(issue => h('p', null, issue.message[language()])),
        ),
        h('div', null, h('button', { type: 'button', onclick: () => void ask() }, t('action.retry'))),
      )
    } finally {
      if (number === asked) results.removeAttribute('aria-busy')
    }
  }
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting
  signal.addEventListener('abort', () => clearTimeout(resting))
  const suppose = (/** @type {string} */ name, /** @type {string | null} */ value) => {
    if (value === null) supposed.delete(name)
    else supposed.set(name, value)
    reset.disabled = supposed.size === 0
    clearTimeout(resting)
    resting = setTimeout(() => {
      const text = queryOf(supposed, new URLSearchParams(location.search))
      go(location.pathname + (text && `?${text}`), { replace: true, stay: true })
      void ask()
    }, REST_MS)
  }
  const drawControls = () => fill(controls, controlParts(state, supposed, suppose))
  const reset = h(
    'button',
    {
      type: 'button',
      disabled: supposed.size === 0,
      onclick: () => {
        for (const name of [...supposed.keys()]) suppose(name, null)
        drawControls()
      },
    },
    t('what_if.reset'),
  )
  const toResults = h(
    'button',
    { type: 'button', class: 'plain narrow-only', onclick: () => results.scrollIntoView({ block: 'start' }) },
    t('what_if.to_results'),
  )
  drawControls()
  fill(
    outlet,
    scorecardHead(card, 'what_if'),
    h('p', { class: 'lead' }, t('what_if.lead', { month: monthLong(card.month) })),
    h('p', { class: 'notice notice-good' }, t('what_if.not_stored')),
    h('div', { class: 'what-if' }, controls, h('div', { class: 'what-if-results' }, results, links)),
    h('div', { class: 'entry-bar' }, reset, headline, toResults),
  )
  void ask()
}

/** @param {string} href */
const proposeLink = href => [
  h('a', { class: 'button', href }, t('what_if.propose')),
  h('span', { class: 'quiet' }, t('what_if.propose.hint')),
]

/** @param {State} state @param {Supposition} supposed @param {Suppose} suppose */
function controlParts(state, supposed, suppose) {
  const left = MONTHS_OF_YEAR - state.card.programme.month_of_year
  const { year } = state.outlook.revenue
  const isOpen = year === state.card.programme.year && left > 0
  const targets = t('what_if.targets', { year: yearText(year, state.card.start_month) })
  const groups = [
    isOpen && group('rate', t('what_if.rates'), 'what_if.rates.hint', rateSliders(state, supposed, suppose)),
    isOpen &&
      group('volume', t('what_if.volumes'), 'what_if.volumes.hint', volumeSliders(state, supposed, suppose, left)),
    group(
      'target',
      targets,
      'what_if.targets.hint',
      targetSliders(state, supposed, suppose),
      isUsed(supposed, 'target'),
    ),
    group(
      'done',
      t('what_if.done'),
      'what_if.done.hint',
      doneSliders(state, supposed, suppose),
      isUsed(supposed, 'done'),
    ),
  ].flatMap(found => found || [])
  const [only] = groups
  if (only && groups.length === 1) only.open = true
  return groups.length > 0 ? groups : emptyState(t('what_if.empty'))
}

/** @param {Supposition} supposed @param {string} kind */
const isUsed = (supposed, kind) => [...supposed.keys()].some(name => name.startsWith(`${kind}.`))

/** What names the sliders of a kind, before their own names. @param {string} name */
const groupId = name => `group-${name.split('.')[0]}`

/** @param {string} kind @param {string} title @param {import('../i18n.js').WordKey} hint @param {HTMLElement[]} sliders */
function group(kind, title, hint, sliders, open = true) {
  return (
    sliders.length > 0 &&
    h(
      'details',
      { class: 'fold panel', open },
      h('summary', { 'data-focus': kind }, h('h2', { class: 'fold-name', id: groupId(kind) }, title)),
      h('div', { class: 'fold-body sliders' }, h('p', { class: 'quiet' }, t(hint)), sliders),
    )
  )
}

/**
 * A slider of a figure that the address holds as `name`.
 * @param {{name: string, label: string, base: number, reach: number, of: import('../plan.js').Measured, say: (value: number) => string, whole?: boolean}} what
 * @param {Supposition} supposed @param {Suppose} suppose
 */
function figureSlider({ name, label, base, reach, of, say, whole }, supposed, suppose) {
  const given = supposed.get(name)
  const step = stepOf(reach, of, whole ?? false)
  return slider({
    mark: name,
    name: label,
    group: groupId(name),
    base,
    value: given === undefined ? null : Number(given),
    max: Math.ceil(reach / step) * step,
    step,
    say,
    unit: isPercent(of) ? '%' : unitOf(of.unit),
    write: value => figureText(Number(value.toFixed(isPercent(of) ? 3 : of.unit === 'JPY' ? 0 : 1)), of),
    read: text => readFigure(text, of),
    change: value => suppose(name, value === null ? null : String(Number(value.toFixed(4)))),
  })
}

/** A step that reads well. @param {number} reach @param {import('../plan.js').Measured} of @param {boolean} whole */
function stepOf(reach, of, whole) {
  if (isPercent(of)) return 0.01
  const raw = reach / STEPS
  const size = 10 ** Math.floor(Math.log10(raw || 1))
  const step = [1, 2, 5, 10].map(factor => factor * size).find(step => step >= raw) ?? size
  return whole ? Math.max(1, Math.round(step)) : Math.max(0.1, Number(step.toFixed(1)))
}

/** @param {State} state @param {Supposition} supposed @param {Suppose} suppose */
function rateSliders({ plan, outlook }, supposed, suppose) {
  const names = namesOf(plan)
  return outlook.revenue.rates.flatMap(link => {
    const key = plan.links.findIndex(
      known => known.kind === 'conversion' && isSame(known.from, link.from) && isSame(known.to, link.to),
    )
    const name = plan.link_keys[key]
    if (!name) return []
    const base = link.rate ?? 0
    const unit = plan.items.find(item => item.key === link.to[0])?.unit ?? ''
    const of = { unit: unit === 'JPY' ? 'JPY' : base > 2 ? '' : 'share' }
    const reach = of.unit === 'share' ? Math.max(1, base * 2) : Math.max(base * REACH, 1)
    const say = (/** @type {number} */ value) => rate(value, unit)
    return [
      figureSlider({ name: `rate.${name}`, label: linkName(link, names), base, reach, of, say }, supposed, suppose),
    ]
  })
}

/** @param {string[]} a @param {string[]} b */
const isSame = (a, b) => a.length === b.length && a.every(key => b.includes(key))

/** Those at the beginning of the funnel come first; the others follow from them. @param {State} state @param {Supposition} supposed @param {Suppose} suppose @param {number} left */
function volumeSliders({ plan, outlook }, supposed, suppose, left) {
  const fed = new Set(plan.links.filter(link => link.kind === 'conversion').flatMap(link => link.to))
  const make = (/** @type {Step} */ step) => {
    const base = Math.max((step.expected - step.actual) / left, 0)
    const reach = Math.max(base, (step.target ?? 0) / MONTHS_OF_YEAR, 1) * REACH
    const say = (/** @type {number} */ value) =>
      t('what_if.per_month', { value: amount(Number(value.toFixed(1)), { unit: step.unit }) })
    const name = `volume.${step.item}`
    return figureSlider({ name, label: named(step.name), base, reach, of: { unit: step.unit }, say }, supposed, suppose)
  }
  const { steps } = outlook.revenue
  const later = steps.filter(step => fed.has(step.item))
  return [
    ...steps.filter(step => !fed.has(step.item)).map(make),
    ...(later.length > 0
      ? [
          h(
            'details',
            { open: later.some(step => supposed.has(`volume.${step.item}`)) },
            h('summary', null, t('what_if.volumes.more')),
            h('div', { class: 'sliders' }, later.map(make)),
          ),
        ]
      : []),
  ]
}

/** @param {State} state @param {Supposition} supposed @param {Suppose} suppose */
function targetSliders({ plan, outlook }, supposed, suppose) {
  return plan.items.flatMap(item => {
    const begun = item.targets.filter(({ year }) => year && year <= outlook.revenue.year)
    const target = begun.sort((a, b) => (a.year ?? 0) - (b.year ?? 0)).at(-1)?.value
    if (!target) return []
    const say = (/** @type {number} */ value) => amount(value, item)
    const reach = item.proportion ? Math.min(target * 2, 1) : target * 2
    const whole = item.measure === 'flow'
    const name = `target.${item.key}`
    return [
      figureSlider({ name, label: named(item.name), base: target, reach, of: item, say, whole }, supposed, suppose),
    ]
  })
}

/** Preparations that are not finished, and the months in which they might have been. @param {State} state @param {Supposition} supposed @param {Suppose} suppose */
function doneSliders({ plan, card }, supposed, suppose) {
  const actuals = new Map(itemsOf(card).map(item => [item.key, item]))
  return plan.items.flatMap(item => {
    const found = actuals.get(item.key)
    const target = found?.target
    if (!item.bar || !target || (found.actual ?? 0) >= target) return []
    const first = addMonths(card.start_month, item.bar[0] ? item.bar[0] - 1 : 0)
    const count = monthsBetween(first, card.month) + 1
    if (count < 1) return []
    const months = Array.from({ length: count }, (_, index) => addMonths(first, index))
    const name = `done.${item.key}`
    return [
      monthSlider({
        mark: name,
        name: named(item.name),
        group: groupId(name),
        months,
        value: supposed.get(name) ?? null,
        say: month => t('what_if.done_in', { month: monthLong(month) }),
        change: month => suppose(name, month),
      }),
    ]
  })
}

/** The result in one line. @param {Answer} answer */
function headlineOf({ today, then }) {
  const [before, after] = [today.revenue.expected ?? null, then.revenue.expected ?? null]
  if (after === null) return t('what_if.flags', { today: today.counts.red, then: then.counts.red })
  return t('what_if.headline', {
    year: then.revenue.year,
    today: before === null ? '–' : money(before),
    then: money(after),
  })
}

/** @param {Answer} answer @param {State} state @param {string[]} moved in words */
function resultParts(answer, state, moved) {
  const { today, then } = answer
  return [
    h('h2', null, t('what_if.results')),
    moved.length === 0
      ? h('p', { class: 'quiet' }, t('what_if.nothing'))
      : h(
          'ul',
          { class: 'bullets', 'aria-label': t('what_if.supposed') },
          moved.map(line => h('li', null, line)),
        ),
    wholeTable(answer, state),
    turned(today, then),
    endTable(today, then, state),
    remarks(answer.issues, 'what_if.remarks'),
  ]
}

/** The scorecard as a whole. @param {Answer} answer @param {State} state */
function wholeTable({ today, then }, { card }) {
  const { revenue } = then
  const money_ = (/** @type {number | null | undefined} */ value) =>
    value === null || value === undefined ? '–' : money(value)
  /** @type {import('../dom.js').Children[][]} */
  const rows = [
    [t('fact.flag'), flagMark(today.flag), flagMark(then.flag)],
    [t('fact.score'), score(today.score), score(then.score)],
  ]
  if (revenue.target !== null && revenue.target !== undefined) {
    rows.unshift([
      [
        t('what_if.revenue', { year: yearText(revenue.year, card.start_month) }),
        h('span', { class: 'quiet block' }, t('what_if.target', { target: money_(revenue.target) })),
      ],
      h('strong', null, money_(today.revenue.expected)),
      h('strong', null, money_(revenue.expected)),
    ])
  }
  return table(t('what_if.whole'), [t('what_if.what'), t('what_if.today'), t('what_if.then')], rows, 'beside')
}

/** Whose status turns. @param {Answer['today']} today @param {Answer['then']} then */
function turned(today, then) {
  const before = new Map(today.items.map(item => [item.item, item]))
  const found = then.items.filter(item => {
    const old = before.get(item.item)
    return old && (old.status !== item.status || old.flag !== item.flag)
  })
  return h(
    'div',
    null,
    h('h3', null, t('what_if.turned')),
    found.length === 0
      ? h('p', { class: 'quiet' }, t('what_if.turned.none'))
      : h(
          'ul',
          { class: 'changes' },
          found.map(item => {
            const old = before.get(item.item)
            return h(
              'li',
              null,
              h('span', null, named(item.name)),
              old && statusMark(old.status, old.flag),
              '→',
              statusMark(item.status, item.flag),
            )
          }),
        ),
  )
}

/** Where each flow ends the year, with its range and chance. @param {Answer['today']} today @param {Answer['then']} then @param {State} state */
function endTable(today, then, { plan }) {
  const before = new Map(today.items.map(item => [item.item, item]))
  const units = new Map(plan.items.map(item => [item.key, item]))
  const rows = then.items.flatMap(item => {
    const of = units.get(item.item)
    const [was, now] = [before.get(item.item), item.outlook]
    if (!of || !now || now.kind !== 'flow') return []
    const old = was?.outlook
    const targets = [...new Set([amount(was?.target, of), amount(item.target, of)])]
    const isMoved = old?.expected !== now.expected || old?.chance !== now.chance
    const bar = outlookBar({ target: item.target ?? null, today: endOf(old), then: endOf(now) })
    const row = h(
      'tr',
      { class: isMoved ? 'moved' : null },
      h(
        'th',
        { scope: 'row' },
        named(item.name),
        h('span', { class: 'quiet block' }, t('what_if.target', { target: targets.join(' → ') })),
        bar,
      ),
      h('td', null, endText(old, of)),
      h('td', null, endText(now, of)),
    )
    return [{ row, isMoved }]
  })
  if (rows.length === 0) return null
  return h(
    'div',
    null,
    h('h3', null, t('what_if.ends')),
    h('p', { class: 'quiet' }, t('what_if.ends.hint')),
    table(
      t('what_if.ends'),
      [t('item.name'), t('what_if.today'), t('what_if.then')],
      // What moves comes first.
      rows.sort((a, b) => Number(b.isMoved) - Number(a.isMoved)).map(({ row }) => row),
      'beside',
    ),
  )
}

/** @param {Schema<'ItemOutlook'> | null | undefined} outlook */
const endOf = outlook => ({
  expected: outlook?.expected ?? null,
  low: outlook?.low ?? null,
  high: outlook?.high ?? null,
})

/** @param {Schema<'ItemOutlook'> | null | undefined} outlook @param {import('../plan.js').PlanItem} of */
function endText(outlook, of) {
  if (!outlook || outlook.expected === null || outlook.expected === undefined) return '–'
  const round = (/** @type {number} */ value) => amount(Number(value.toFixed(1)), of)
  const { low, high, chance } = outlook
  return [
    h('strong', null, round(outlook.expected)),
    chance !== null &&
      chance !== undefined &&
      h('span', { class: 'block' }, t('what_if.chance', { chance: percent(chance) })),
    low !== null &&
      low !== undefined &&
      high !== null &&
      high !== undefined &&
      h('span', { class: 'quiet block' }, t('what_if.range', { low: round(low), high: round(high) })),
  ]
}
