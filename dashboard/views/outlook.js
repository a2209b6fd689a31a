// How an item's year will end, and what it takes: range and chance, what each month left must
// bring, what upstream owes, and until when work there can still land.

import { h } from '../dom.js'
import { figure, monthLong, percent, share, unitOf } from '../format.js'
import { language, named, t, word } from '../i18n.js'
import { knownAt } from '../known_at.js'
import { factRow, table } from '../parts.js'
import { shape } from '../status.js'
import { itemsOf } from './scorecards.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {Schema<'EvaluatedItem'>} Item
 * @typedef {NonNullable<Schema<'Outlook'>['items'][number]['outlook']>} ItemOutlook
 */

/** How much faster the rest has to run, as colour and shape. @type {Record<string, [string, string]>} */
const BANDS = {
  fine: ['good', 'on_track'],
  recoverable: ['good', 'on_track'],
  stretch: ['watch', 'at_risk'],
  revise_plan: ['amber', 'behind'],
}

/** @param {number | null | undefined} value @returns {value is number} */
const isGiven = value => value !== null && value !== undefined

/** @param {Scorecard} card @param {Item} item @param {ItemOutlook} outlook */
export function outlookPanel(card, item, outlook) {
  const names = new Map(itemsOf(card).map(item => [item.key, named(item.name)]))
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, t(outlook.kind === 'flow' ? 'outlook.title' : 'outlook.title.bar'), ' ', bandMark(outlook.band)),
    h('p', null, outlook.words[language()]),
    outlook.kind === 'flow' ? flowFacts(item, outlook) : barFacts(outlook),
    outlook.debts.length > 0 && debtTable(card, outlook.debts, names),
    lastMonths(outlook.last_months, names),
    !knownAt() &&
      h(
        'p',
        null,
        h('a', { class: 'button', href: `/scorecards/${card.id}/what-if?month=${card.month}` }, t('outlook.what_if')),
      ),
  )
}

/** @param {string | null | undefined} band */
function bandMark(band) {
  if (!band) return null
  const [tone, mark] = BANDS[band] ?? ['idle', 'untargeted']
  return h('span', { class: `status tone-${tone}` }, shape(mark ?? ''), word('outlook.band', band))
}

/** @param {Item} item @param {ItemOutlook} outlook */
function flowFacts(item, outlook) {
  const unit = item.unit === 'JPY' || item.measure === 'ratio' ? '' : unitOf(item.unit)
  const show = (/** @type {number | null | undefined} */ value) =>
    isGiven(value) ? `${figure(value, item.unit, item.measure)}${language() === 'ja' ? '' : ' '}${unit}`.trim() : '–'
  const { low, high } = outlook
  return factRow([
    [t('outlook.expected'), show(outlook.expected)],
    isGiven(low) && isGiven(high) && [t('outlook.range'), t('outlook.from_to', { low: show(low), high: show(high) })],
    [t('item.target'), show(item.target)],
    isGiven(outlook.chance) && [t('outlook.chance'), chanceText(outlook.chance)],
    isGiven(outlook.months_left) && [t('outlook.months_left'), t('outlook.months', { count: outlook.months_left })],
    isGiven(outlook.required_per_month) && [t('outlook.required'), show(outlook.required_per_month)],
    isGiven(outlook.recent_per_month) && [t('outlook.recent'), show(outlook.recent_per_month)],
    isGiven(outlook.required_factor) && [t('outlook.factor'), factorText(item, outlook.required_factor)],
  ])
}

/**
 * How fast the rest has to run. Nothing runs backwards: where the target is passed already, that is said.
 * @param {Item} item @param {number} factor
 */
function factorText(item, factor) {
  const isLimit = item.direction === 'lower'
  if (factor < 0) return t(isLimit ? 'outlook.limit_exceeded' : 'outlook.target_exceeded')
  if (factor === 0 && !isLimit) return t('outlook.target_reached')
  return t('outlook.times', { factor: figure(roundedUp(factor)) })
}

/** What is needed, in tenths and never too little, as in the words of the API. @param {number} value */
const roundedUp = value => Math.ceil(Math.round(value * 10_000) / 1_000) / 10

/** Nothing is certain, and nothing is impossible. @param {number} chance */
function chanceText(chance) {
  if (chance < 0.01) return t('outlook.chance.below')
  if (chance > 0.99) return t('outlook.chance.above')
  return percent(chance)
}

/** @param {ItemOutlook} outlook */
function barFacts(outlook) {
  return factRow([
    [t('outlook.finish'), outlook.finish_month ? monthLong(outlook.finish_month) : t('outlook.unknown')],
    isGiven(outlook.months_late) && [
      t('outlook.late'),
      outlook.months_late > 0 ? t('outlook.months', { count: outlook.months_late }) : t('outlook.in_time'),
    ],
  ])
}

/** @param {Scorecard} card @param {Schema<'LinkDebt'>[]} debts @param {Map<string, string>} names */
function debtTable(card, debts, names) {
  const items = new Map(itemsOf(card).map(item => [item.key, item]))
  const of = (/** @type {string[]} */ keys) => keys.map(key => names.get(key) ?? key).join(t('list.and'))
  const count = (/** @type {Schema<'LinkDebt'>} */ debt, /** @type {number | null | undefined} */ value) => {
    const from = items.get(debt.from[0] ?? '')
    return isGiven(value)
      ? `${figure(value, from?.unit, from?.measure)} ${from && from.unit !== 'JPY' ? unitOf(from.unit) : ''}`
      : '–'
  }
  return h(
    'div',
    null,
    h('h3', null, t('outlook.debts')),
    h('p', { class: 'quiet' }, t('outlook.debts.hint')),
    table(
      t('outlook.debts'),
      [
        t('outlook.debt.from'),
        t('outlook.debt.to'),
        t('link.actual'),
        t('outlook.debt.need'),
        t('outlook.debt.planned'),
        t('outlook.debt.debt'),
      ],
      debts.map(debt => [
        of(debt.from),
        of(debt.to),
        isGiven(debt.actual_rate) ? share(debt.actual_rate) : '–',
        count(debt, debt.need),
        count(debt, debt.planned),
        h('strong', null, count(debt, debt.debt)),
      ]),
      'cards',
    ),
  )
}

/**
 * Grouped by month: work on most steps has the same last month.
 * @param {Schema<'LastMonth'>[]} last @param {Map<string, string>} names
 */
function lastMonths(last, names) {
  if (last.length === 0) return null
  /** @type {Map<string, Schema<'LastMonth'>[]>} */
  const byMonth = new Map()
  for (const one of last) byMonth.set(one.month ?? '', [...(byMonth.get(one.month ?? '') ?? []), one])
  return h(
    'div',
    null,
    h('h3', null, t('outlook.last_months')),
    h('p', { class: 'quiet' }, t('outlook.last_months.hint')),
    h(
      'dl',
      { class: 'last-months' },
      [...byMonth].map(([month, ones]) =>
        h(
          'div',
          { class: ones[0]?.open ? '' : 'is-over' },
          h(
            'dt',
            null,
            month ? t('outlook.until', { month: monthLong(month) }) : t('outlook.never'),
            ' ',
            !ones[0]?.open && h('span', { class: 'status tone-amber' }, shape('behind'), t('outlook.too_late')),
          ),
          h('dd', null, ones.map(one => names.get(one.item) ?? one.item).join(t('list.and'))),
        ),
      ),
    ),
  )
}
