// Months that wait for a decision: what has been reported and not been approved yet.

import { get, getAll } from '../api.js'
import { hubName } from '../charts/heat_map.js'
import { fill, h } from '../dom.js'
import { addMonths, day, dayFromToday, lastEndedMonth, monthLong } from '../format.js'
import { named, t, word } from '../i18n.js'
import { emptyState, live, steady } from '../live.js'
import { choice, heading, table } from '../parts.js'
import { go, withQuery } from '../router.js'
import { me } from '../session.js'
import { shape } from '../status.js'
import { decisionActions } from './decisions.js'

/**
 * @typedef {Schema<'List_ScorecardSummary'>['items'][number]} Card
 * @typedef {Schema<'MonthOfCells'>} Month
 */

/** How far back months are looked at. */
const MONTHS = 3
/** Of more scorecards than this, a prefecture has to be chosen: each costs a request. */
const SCORECARDS_MAX = 40

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  context.setTitle(t('months.title'))
  const to = lastEndedMonth()
  const from = addMonths(to, 1 - MONTHS)
  const list = steady(() => /** @type {Promise<Card[]>} */ (getAll('/v1/scorecards', signal)))
  /** @returns {Promise<[Card[], ...Schema<'Cells'>[]]>} */
  const load = async () => {
    const all = await list()
    return [
      all,
      ...(await Promise.all(chosen(all, query.get('prefecture'), to).map(card => cellsOf(card, from, to, signal)))),
    ]
  }
  const refresh = await live(context, load, ([all, ...cells]) => {
    const cards = chosen(all, query.get('prefecture'), to)
    const months = cards.flatMap((card, index) => (cells[index]?.months ?? []).map(month => ({ card, month })))
    const isAll = query.get('show') === 'all'
    const shown = months
      .filter(({ month }) => isAll || month.state !== 'approved')
      .sort((a, b) => (a.month.month < b.month.month ? -1 : 1))
    fill(
      outlet,
      heading(t('months.title'), {
        lead: t(['national', 'prefecture'].includes(me()?.role ?? '') ? 'months.lead' : 'months.lead_hub'),
      }),
      controls(all, query, isAll),
      all.length > SCORECARDS_MAX && !query.get('prefecture')
        ? emptyState(t('months.choose'))
        : shown.length === 0
          ? emptyState(t('months.empty'))
          : monthTable(shown, () => refresh()),
    )
  })
}

/** The scorecards looked at: those that have begun. @param {Card[]} all @param {string | null} prefecture @param {string} to */
function chosen(all, prefecture, to) {
  const begun = all.filter(card => card.start_month <= to)
  if (prefecture) return begun.filter(card => card.prefecture.code === prefecture)
  return all.length > SCORECARDS_MAX ? [] : begun
}

/** @param {Card} card @param {string} from @param {string} to @param {AbortSignal} signal @returns {Promise<Schema<'Cells'>>} */
function cellsOf(card, from, to, signal) {
  const first = card.start_month > from ? card.start_month : from
  return get(`/v1/scorecards/${card.id}/actuals?from=${first}&to=${to}`, signal)
}

/** @param {Card[]} all @param {URLSearchParams} query @param {boolean} isAll */
function controls(all, query, isAll) {
  const prefectures = new Map(all.map(card => [card.prefecture.code, named(card.prefecture.name)]))
  const select = choice('prefecture', [['', t('overview.all')], ...prefectures], query.get('prefecture') ?? '', value =>
    go(withQuery({ prefecture: value || null })),
  )
  select.dataset.focus = 'prefecture'
  return h(
    'div',
    { class: 'controls' },
    h(
      'div',
      { class: 'segments', role: 'group', 'aria-label': t('months.show') },
      h(
        'a',
        { href: withQuery({ show: null }), 'aria-current': isAll ? null : 'true', 'data-focus': 'waiting' },
        t('months.waiting'),
      ),
      h(
        'a',
        { href: withQuery({ show: 'all' }), 'aria-current': isAll ? 'true' : null, 'data-focus': 'all' },
        t('months.all'),
      ),
    ),
    prefectures.size > 1 && h('label', { class: 'control' }, h('span', null, t('overview.prefecture')), select),
  )
}

/** @param {{card: Card, month: Month}[]} months @param {() => Promise<void>} refresh */
function monthTable(months, refresh) {
  return table(
    t('months.title'),
    [
      t('item.month'),
      t('heat_map.scorecard'),
      t('months.state'),
      t('heat_map.coverage'),
      t('months.due'),
      t('months.decide'),
    ],
    months.map(({ card, month }) => [
      monthLong(month.month),
      [
        h('a', { href: `/scorecards/${card.id}/actuals/${month.month}` }, named(card.name)),
        h('span', { class: 'quiet block' }, hubName(card.hub)),
      ],
      h('span', { class: 'chip' }, word('month_state', month.state)),
      month.completeness.complete
        ? t('months.complete')
        : t('months.incomplete', { missing: month.completeness.missing.length }),
      [
        day(month.completeness.due_on),
        ' ',
        !month.completeness.complete &&
          month.completeness.due_on < dayFromToday() &&
          h('span', { class: 'status tone-amber' }, shape('behind'), t('months.overdue')),
      ],
      decisionActions(card, month.month, month.state, refresh),
    ]),
  )
}
