// A scorecard in a month, as its strategy map, with what is red and what to do about it.

import { get } from '../api.js'
import { hubName } from '../charts/heat_map.js'
import { rateTexts, strategyMap } from '../charts/strategy_map.js'
import { commentPanel } from '../comments.js'
import { fill, h } from '../dom.js'
import { downloads } from '../downloads.js'
import { addMonths, figure, lastEndedMonth, monthLong, programmeTime, score, share } from '../format.js'
import { language, named, t, word } from '../i18n.js'
import { asKnown, keepKnown, knownAtControl } from '../known_at.js'
import { live } from '../live.js'
import { chart, heading, table, tabs } from '../parts.js'
import { withQuery } from '../router.js'
import { FLAG_RANK, flagMark, legend, statusMark } from '../status.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {Schema<'EvaluatedItem'>} Item
 * @typedef {Schema<'Cause'>} Cause
 */

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  const id = context.parameters.id ?? ''
  const month = query.get('month')
  const path = asKnown(
    `/v1/scorecards/${encodeURIComponent(id)}?include=causes,links,alerts${month ? `&month=${encodeURIComponent(month)}` : ''}`,
  )
  const top = h('div', { class: 'stack' })
  let commented = ''
  await live(
    context,
    () => get(path, signal),
    (/** @type {Scorecard} */ card) => {
      context.setTitle(`${named(card.name)} ${hubName(card.hub)}`)
      draw(top, card, query.get('item'))
      if (commented === card.month) return
      // Drawn once a month: what somebody is typing stays where it is.
      commented = card.month
      const names = new Map(itemsOf(card).map(item => [item.key, named(item.name)]))
      fill(outlet, top, commentPanel(context, id, { month: card.month, names: item => names.get(item) ?? item }))
    },
  )
}

/** @param {HTMLElement} outlet @param {Scorecard} card @param {string | null} asked */
function draw(outlet, card, asked) {
  const short = itemsOf(card)
    .filter(item => item.cause)
    .sort((a, b) => (FLAG_RANK[a.flag] ?? 3) - (FLAG_RANK[b.flag] ?? 3))
  const selected = asked ?? short.find(item => item.flag === 'red')?.key ?? short[0]?.key ?? null
  fill(
    outlet,
    scorecardHead(card, 'map', [downloads(card, card.month), monthSteps(card)]),
    summary(card),
    chart(
      t('map.title', { month: monthLong(card.month) }),
      strategyMap(card, selected),
      h('div', null, itemTable(card), linkTable(card)),
    ),
    legend(),
    causes(card, short, selected),
  )
}

/** @param {Scorecard} card @returns {Item[]} */
export const itemsOf = card => card.perspectives.flatMap(perspective => perspective.steps.flatMap(step => step.items))

/** Views of what is to come, which do not look back. */
const PLANNING = new Set(['what_if', 'revisions'])

/**
 * Heading and tabs of every view of a scorecard.
 * @param {{id: string, name: Schema<'Name'>, hub: Schema<'Named'>, prefecture: Schema<'Named'>, month?: string, start_month?: string}} card
 * @param {'map' | 'roadmap' | 'actuals' | 'what_if' | 'comparison' | 'revisions' | 'print' | 'item'} view
 * @param {import('../dom.js').Children} [actions]
 */
export function scorecardHead(card, view, actions) {
  const month = card.month ?? lastEndedMonth()
  const base = `/scorecards/${card.id}`
  const tab = (
    /** @type {string} */ href,
    /** @type {'map' | 'roadmap' | 'actuals' | 'what_if' | 'comparison' | 'revisions' | 'print'} */ key,
  ) => ({
    href: PLANNING.has(key) ? href : keepKnown(href),
    text: t(`tab.${key}`),
    current: view === key,
  })
  return [
    heading(named(card.name), {
      trail: [
        h('a', { href: '/' }, t('nav.overview')),
        h('a', { href: `/?view=stages&prefecture=${card.prefecture.code}` }, named(card.prefecture.name)),
        hubName(card.hub),
      ],
      actions,
    }),
    tabs([
      tab(`${base}?month=${month}`, 'map'),
      tab(`${base}/roadmap?month=${month}`, 'roadmap'),
      tab(`${base}/actuals/${month}`, 'actuals'),
      tab(`${base}/what-if`, 'what_if'),
      tab(`${base}/revisions`, 'revisions'),
      tab(`${base}/comparison?month=${month}`, 'comparison'),
      tab(`${base}/print?month=${month}`, 'print'),
    ]),
    PLANNING.has(view) ? null : knownAtControl(month),
  ]
}

/** Links to the months before and after. @param {Scorecard} card */
function monthSteps(card) {
  const to = (/** @type {number} */ by) => {
    const month = addMonths(card.month, by)
    const isPossible = month >= card.start_month && month <= lastEndedMonth()
    const name = t(by < 0 ? 'month.before' : 'month.after')
    return isPossible
      ? h(
          'a',
          {
            class: 'button',
            href: withQuery({ month }),
            'aria-label': `${name} ${monthLong(month)}`,
            'data-focus': `month${by}`,
          },
          by < 0 ? '‹' : '›',
        )
      : h('span', { class: 'button disabled', 'aria-hidden': 'true' }, by < 0 ? '‹' : '›')
  }
  return h('div', { class: 'months' }, to(-1), h('strong', null, monthLong(card.month)), to(1))
}

/** @param {Scorecard} card */
function summary(card) {
  const { counts } = card
  const fact = (
    /** @type {string} */ name,
    /** @type {import('../dom.js').Children} */ value,
    /** @type {string} */ more = '',
  ) =>
    h(
      'div',
      { class: 'fact' },
      h('dt', null, name),
      h('dd', null, value, more && h('span', { class: 'quiet' }, ` ${more}`)),
    )
  return h(
    'dl',
    { class: 'facts' },
    fact(t('fact.flag'), flagMark(card.flag), t('fact.flags', { red: counts.red, amber: counts.amber })),
    fact(t('fact.score'), score(card.score), card.provisional ? t('fact.provisional') : ''),
    fact(t('fact.met'), `${counts.met} / ${counts.due}`, share(counts.met_share)),
    fact(t('fact.coverage'), share(card.coverage)),
    fact(t('fact.programme'), programmeTime(card.programme)),
    fact(t('fact.market'), word('market_type', card.market_type)),
    fact(t('fact.plan'), t('fact.version', { version: card.plan_version })),
  )
}

/** @param {Scorecard} card */
function itemTable(card) {
  return table(
    t('map.items'),
    [
      t('item.name'),
      t('item.step'),
      t('item.actual'),
      t('item.plan'),
      t('item.target'),
      t('item.attainment'),
      t('item.status'),
      t('item.reason'),
    ],
    card.perspectives.flatMap(perspective =>
      perspective.steps.flatMap(step =>
        step.items.map(item => [
          h('a', { href: keepKnown(`/scorecards/${card.id}/items/${item.key}?month=${card.month}`) }, named(item.name)),
          named(step.name),
          figure(item.actual, item.unit, item.measure),
          figure(item.plan, item.unit, item.measure),
          figure(item.target, item.unit, item.measure),
          share(item.attainment),
          statusMark(item.status, item.flag),
          item.reason[language()],
        ]),
      ),
    ),
  )
}

/** @param {Scorecard} card */
function linkTable(card) {
  const items = new Map(itemsOf(card).map(item => [item.key, item]))
  const names = (/** @type {string[]} */ keys) => keys.map(key => named(items.get(key)?.name) || key).join('、')
  const conversions = (card.links ?? []).filter(link => link.kind === 'conversion')
  if (conversions.length === 0) return null
  return table(
    t('map.conversions'),
    [t('link.from'), t('link.to'), t('link.planned'), t('link.actual')],
    conversions.map(link => [names(link.from), names(link.to), ...rateTexts(link, items)]),
  )
}

/** @param {Scorecard} card @param {Item[]} short @param {string | null} selected */
function causes(card, short, selected) {
  if (short.length === 0)
    return h('section', { class: 'causes' }, h('h2', null, t('cause.title')), h('p', null, t('cause.none')))
  const names = new Map(itemsOf(card).map(item => [item.key, named(item.name)]))
  return h(
    'section',
    { class: 'causes' },
    h('h2', null, t('cause.title')),
    h(
      'ul',
      { class: 'cause-list' },
      short.map(item =>
        h(
          'li',
          { class: `cause tone-edge-${item.flag}${item.key === selected ? ' selected' : ''}` },
          h(
            'div',
            { class: 'cause-head' },
            statusMark(item.status, item.flag),
            h(
              'h3',
              null,
              h(
                'a',
                { href: keepKnown(`/scorecards/${card.id}/items/${item.key}?month=${card.month}`) },
                named(item.name),
              ),
            ),
            h(
              'a',
              {
                class: 'button',
                href: withQuery({ item: item.key }),
                'aria-current': item.key === selected ? 'true' : null,
                'data-focus': `way-${item.key}`,
              },
              t('cause.show_way'),
            ),
          ),
          h('p', null, item.reason[language()]),
          item.cause && causeDetail(item.cause, names),
          alertLink(card, item),
        ),
      ),
    ),
  )
}

/** @param {Scorecard} card @param {Item} item */
function alertLink(card, item) {
  const alert = (card.alerts ?? []).find(alert => alert.item === item.key && alert.state === 'open')
  return (
    alert &&
    h(
      'p',
      null,
      h('a', { href: `/alerts/${alert.id}` }, alert.acknowledgement ? t('cause.alert_handled') : t('cause.alert_open')),
    )
  )
}

/**
 * Why, from where, and what to work on.
 * @param {Cause} cause
 * @param {Map<string, string>} [names]
 */
export function causeDetail(cause, names) {
  const nameOf = (/** @type {string} */ key) =>
    names?.get(key) ??
    named([...cause.root_causes, ...cause.remedies].find(part => part.item === key)?.item_name) ??
    key
  const roots = cause.root_causes.filter(root => root.path.length > 1)
  return h(
    'div',
    { class: 'cause-detail' },
    h('p', null, h('strong', null, word('cause', cause.kind)), ' ', word('cause.why', cause.kind)),
    roots.length > 0 &&
      h(
        'div',
        null,
        h('h4', null, t('cause.way')),
        h(
          'ul',
          { class: 'ways' },
          roots.map(root =>
            h(
              'li',
              null,
              h(
                'ol',
                { class: 'way' },
                root.path.map(key => h('li', null, nameOf(key) || key)),
              ),
            ),
          ),
        ),
      ),
    h('h4', null, t('cause.remedies')),
    cause.remedies.length > 0
      ? h(
          'ul',
          { class: 'remedies' },
          cause.remedies.map(remedy =>
            h(
              'li',
              null,
              statusMark(remedy.status, 'none'),
              ' ',
              named(remedy.item_name),
              ' ',
              h(
                'span',
                { class: 'quiet' },
                t('cause.remedy', {
                  actual: figure(remedy.actual, remedy.unit, remedy.measure),
                  target: figure(remedy.target, remedy.unit, remedy.measure),
                }),
                remedy.due_month && ` ${t('cause.due', { month: monthLong(remedy.due_month) })}`,
              ),
            ),
          ),
        )
      : h('p', null, cause.advice ? cause.advice[language()] : t('cause.no_remedy')),
  )
}
